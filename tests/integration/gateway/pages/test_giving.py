"""Links that staff give on a referral's page: to whoever was asked, and to the person; and take back."""

import httpx

from services.gateway.links.addresses import Addresses
from services.gateway.parts import Parts
from services.runtime.settings import Settings
from tests.support import linking, people
from tests.support.events import INITIATIVE
from tests.support.linking import path_of
from tests.support.staffing import BEDS, referred
from tests.support.surfing import Page, Surfer
from tests.support.wait import until

FOR_SHELTER, FOR_PERSON, WITHDRAW = "Make a link for Shelter", "Make the person's link", "Withdraw it"
SAFE = "me@home.example"


async def links(who: Surfer, page: Page) -> Page:
    return await who.open(page.link("Give or withdraw a link"))


def given(page: Page) -> list[str]:
    """Return for whom the links in force are."""
    return [each.one("b").text for each in page.root.all("li") if list(each.all("b"))]


def url_of(page: Page) -> str:
    assert page.title == "The link is made"
    return page.control("The link").text


async def test_whoever_was_asked_gets_a_link_and_loses_it(
    clinic: Surfer, shelter: Surfer, stranger: httpx.AsyncClient, parts: Parts, settings: Settings
) -> None:
    sent = await referred(clinic)
    page = await links(clinic, sent)
    assert FOR_SHELTER not in page.buttons()
    assert "Shelter has registered no address for its mails" in page.text
    await linking.addressed(parts)
    page = await links(clinic, sent)
    assert "There is none." in page.text
    made = await clinic.press(page, FOR_SHELTER, {"Mail it to Shelter as well": True})
    await until(lambda: len(people.mails(settings)) == 1)
    [mail] = people.mails(settings)
    assert (mail["To"], url_of(made) in str(mail)) == (linking.DESK, True)
    assert "Somebody needs help" in (await linking.opened(stranger, settings, path_of(url_of(made)))).text
    theirs = await links(shelter, await shelter.open(sent.path))
    assert given(theirs) == given(await links(clinic, sent)) == ["For Shelter"]
    assert FOR_SHELTER not in theirs.buttons()
    withdrawn = await clinic.press(await links(clinic, sent), WITHDRAW)
    assert given(withdrawn) == []
    assert "Nothing is open here" in (await stranger.get("/offer")).text


async def test_person_gets_a_link_of_their_own(
    clinic: Surfer, stranger: httpx.AsyncClient, parts: Parts, settings: Settings
) -> None:
    page = await links(clinic, await referred(clinic))
    wrong = await clinic.press(
        page, FOR_PERSON, {"The person's e-mail address": "nobody", "For how many days it works": "0"}
    )
    assert wrong.wrong() == {
        "f-email": "The person's e-mail address: this is no e-mail address",
        "f-days": "For how many days it works: a whole number from 1 to 90",
    }
    said: dict[str, str | bool] = {"The person's e-mail address": SAFE, "For how many days it works": "7"}
    made = await clinic.press(wrong, FOR_PERSON, said)
    assert people.mails(settings) == []
    assert "Your page" in (await linking.opened(stranger, settings, path_of(url_of(made)))).text
    page = await clinic.open(page.path)
    assert given(page) == ["For the person"]
    assert SAFE not in page.html


async def test_link_is_made_for_nobody_else_and_to_nothing_else(
    clinic: Surfer, shelter: Surfer, newcomer: Surfer, parts: Parts
) -> None:
    sent = await referred(clinic, service=BEDS)
    await Addresses(parts.keep).set(INITIATIVE, "shelter", linking.DESK)
    page = await links(clinic, sent)
    assert "Shelter is a protected programme" in page.text
    _, place, fields = page.sent(FOR_PERSON)
    offer = (await shelter.open(sent.path)).link("Decline").partition("offer=")[2]
    said = {"csrf": fields["csrf"][0], "for": "offer", "offer": offer}
    assert (await clinic.browser.post(place, data=said)).status_code == 409
    assert (await newcomer.open(place)).status == 404
    # Nobody is given a link about somebody whom they have no name for.
    assert FOR_PERSON not in (await shelter.open(place)).buttons()
    theirs = {"csrf": (await shelter.open("/refer")).sent("Go on")[2]["csrf"][0], "for": "client", "email": SAFE}
    assert (await shelter.browser.post(place, data={**theirs, "days": "7"})).status_code == 404
    assert (await clinic.browser.post(place, data={**said, "csrf": "none"})).status_code == 403
