"""Finding a referral again: by the partner's own number for the person, by need, state and part."""

from typing import Any

import pytest

from services.gateway.pages import find
from services.gateway.parts import Parts
from tests.support import doors
from tests.support.admitting import CLINIC, SHELTER, consent, registered, requested
from tests.support.reading import answered, sent, tell
from tests.support.surfing import Page, Surfer

NUMBER, NEED, STANDS, PART = "Your number for the person", "What is needed", "How it stands", "Your part"


async def _stories(parts: Parts) -> dict[str, str]:
    """Tell of three people whom the clinic sent to the shelter; return the referrals by the clinic's number."""
    found = {}
    async with doors.partner(parts, CLINIC) as door, doors.partner(parts, SHELTER) as recipient:
        for own in ("4711", "4712", "4713"):
            await tell(door, registered(f"c {own}", f"own:{own}"))
            await tell(door, consent(f"g {own}", f"own:{own}", consent_id=f"own:{own}"))
            referral = (await tell(door, requested(f"r {own}", f"own:r {own}", f"own:{own}", area="north")))["subject"]
            await tell(door, sent(own))
            found[own] = str(referral)
        await tell(recipient, answered("offer_accepted", "4712", found["4712"]))
        await tell(recipient, answered("offer_accepted", "4713", found["4713"]))
        served: dict[str, Any] = {"outcome": "delivered", "outputs": [{"kind": "goods"}]}
        await tell(recipient, answered("outcome_recorded", "4713", found["4713"], **served))
    return found


async def _found(who: Surfer, **said: str) -> list[str]:
    """Fill in the form and return the referrals that it finds."""
    page = await who.press(await who.open("/find"), "Find", said)
    return places(page)


def places(page: Page) -> list[str]:
    """Return the referrals of the page's table."""
    bodies = page.root.all("tbody")
    return [each["href"].removeprefix("/referrals/") for body in bodies for each in body.all("a")]


async def test_what_stands_in_no_list_is_found(clinic: Surfer, shelter: Surfer, parts: Parts) -> None:
    by_number = await _stories(parts)
    waiting, taken, served = by_number.values()
    assert places(await clinic.open("/find")) == [served, taken, waiting]
    for said, expected in (
        ({NUMBER: "4712"}, [taken]),
        ({NUMBER: "9999"}, []),
        ({NEED: "A bed for tonight"}, [served, taken, waiting]),
        ({STANDS: "Served"}, [served]),
        ({STANDS: "Open"}, [taken, waiting]),
        ({STANDS: "Open", NUMBER: "4713"}, []),
        ({PART: "We were asked"}, []),
    ):
        assert await _found(clinic, **said) == expected, said
    assert await _found(shelter, **{PART: "We were asked", STANDS: "Open"}) == [taken, waiting]
    steps = [row["Next step"] for row in (await shelter.open("/find")).table()]
    assert steps == ["See how it ended", "Go on", "Answer"]
    # Another partner's numbers say nothing.
    page = await shelter.press(await shelter.open("/find"), "Find", {NUMBER: "4712"})
    assert (places(page), "There is none like this." in page.text) == ([], True)


async def test_form_keeps_what_was_typed_and_says_what_is_wrong(clinic: Surfer) -> None:
    page = await clinic.press(await clinic.open("/find"), "Find", {NUMBER: "José"})
    assert (page.status, list(page.wrong())) == (422, ["f-number"])
    assert page.control(NUMBER)["value"] == "José"


async def test_found_goes_on_page_by_page(
    clinic: Surfer, shelter: Surfer, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_number = await _stories(parts)
    monkeypatch.setattr(find, "LIMIT", 2)
    first = await clinic.press(await clinic.open("/find"), "Find", {NEED: "A bed for tonight"})
    second = await clinic.open(first.link("More of these"))
    assert [*places(first), *places(second)] == list(by_number.values())[::-1]
    assert "More of these" not in second.text
    # The place in a list is its reader's, for the same question.
    more = first.link("More of these")
    assert (await shelter.open(more)).status == 400
    other = str((await clinic.press(first, "Find", {NEED: "Any", STANDS: "Open"})).answer.url).partition("asked=")[2]
    assert (await clinic.open(f"/find?asked={other}&cursor={more.partition('cursor=')[2]}")).status == 400


async def test_what_is_looked_for_stands_in_no_address_and_goes_back_and_forth(
    clinic: Surfer, newcomer: Surfer, parts: Parts, capsys: pytest.CaptureFixture[str]
) -> None:
    by_number = await _stories(parts)
    found = [await clinic.press(await clinic.open("/find"), "Find", {NUMBER: each}) for each in ("4712", "9" * 128)]
    places_ = [each.answer.url for each in found]
    for page, place in zip(found, places_, strict=True):
        # It was typed into a form that is posted; whatever it was, the address is as long.
        assert [each.status_code for each in page.answer.history] == [303]
        assert (place.path, list(dict(place.params))) == ("/find", ["asked"])
        assert not any(number in f"{place}{page.answer.history[0].request.url}" for number in ("4712", "9999"))
        # Loaded again, or come back to, it is the same page with the same form.
        again = await clinic.open(str(place))
        assert (places(again), again.control(NUMBER)["value"]) == (places(page), page.control(NUMBER)["value"])
    assert places(found[0]) == [by_number["4712"]]
    # Nor does a history of titles tell what anybody needs.
    one = await clinic.open(f"/referrals/{by_number['4712']}")
    assert (one.title, one.root.one("title").text) == ("Referral: A bed for tonight", "Referral · Manyhands")
    assert len({len(str(each)) for each in places_}) == 1
    # Nobody else opens it, and one from elsewhere asks nothing.
    assert (await newcomer.open(str(places_[0]))).status == 400
    assert (await clinic.browser.post("/find", data={"number": "4712"})).status_code == 403
    assert places(await clinic.open("/find?number=4712")) == list(by_number.values())[::-1]
    assert "4712" not in "".join(capsys.readouterr())
