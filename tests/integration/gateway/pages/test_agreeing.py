"""What a person agreed to, on a page of its own: seen, ended and narrowed by whoever serves them, before any answer."""

from typing import Any

import httpx
import orjson
import pytest

from events.topics import CASES, DISCLOSURES
from services.gateway.agreed import Person
from services.gateway.pages import consents
from services.gateway.parts import Parts
from tests.support import doors
from tests.support.admitting import CLINIC, NEWCOMER, SHELTER, codes, consent, offer, records, requested, said
from tests.support.admitting import newcomer as newcomer_system
from tests.support.events import ident
from tests.support.reading import MEALS, ROOMS, agreed, tell
from tests.support.staffing import referred
from tests.support.surfing import Page, Surfer

SEE, END, SHORTER, WITHOUT = (
    "See, end or narrow it",
    "End this",
    "Share it for a shorter time",
    "Leave an organisation out",
)
EMPTY = "Nothing that this person agreed to is in force"
BOTH = {"recipients": {"partners": [SHELTER, NEWCOMER]}}
ASKED = {"Why": "The person asked for it"}


async def seen(who: Surfer, page: Page) -> Page:
    """Open what the person agreed to from the referral's page."""
    return await who.open(page.link(SEE))


async def told(parts: Parts, *types: str) -> list[dict[str, Any]]:
    """Return what of these types stands on the log."""
    found = [orjson.loads(each.value or b"") for each in await records(parts.settings, CASES)]
    return [each for each in found if each["type"].removeprefix("org.manyhands.") in {f"{name}.v1" for name in types}]


def way(page: Page, label: str, number: int = 0) -> str:
    """Return where one of the links of this name leads."""
    return [each["href"] for each in page.root.all("a") if each.text == label][number]


async def test_consent_ends_before_anybody_answered(clinic: Surfer, shelter: Surfer, parts: Parts) -> None:
    sent = await referred(clinic)
    page = await seen(clinic, sent)
    assert page.title == "What this person agreed to"
    assert page.terms() == {"Person": "4711"}
    facts = dict(
        zip([each.text for each in page.root.all("dt")], [each.text for each in page.root.all("dd")], strict=True)
    )
    assert (facts["With"], facts["Until"], facts["May be passed on"]) == (
        "Shelter",
        "until the person takes it back",
        "No",
    )
    assert facts["What is shared"]
    # Its name is the reader's own: the log's is one for all who serve the person.
    [granted] = await told(parts, "consent.granted")
    asking = await clinic.open(way(page, END))
    for shown in (page, asking):
        assert granted["data"]["consent_id"] not in shown.html
    wrong = await clinic.press(asking, "End it")
    assert (wrong.status, wrong.wrong()) == (422, {"f-reason": "Why: choose one"})
    assert EMPTY in (await clinic.press(wrong, "End it", ASKED)).text
    [revoked] = await told(parts, "consent.revoked")
    assert revoked["data"]["reason"] == "client-asked"
    # Nothing that is counted had to be said for it.
    assert await told(parts, "referral.client_answered", "referral.client_asked", "referral.offer_accepted") == []
    assert "Ended, as the person's consent ended" in (await clinic.open(sent.path)).text
    assert "not shown" in (await shelter.open(sent.path)).text


async def test_shorter_time_and_fewer_partners(clinic: Surfer, parts: Parts) -> None:
    page = await seen(clinic, await _both(clinic, parts))
    asking = await clinic.open(way(page, SHORTER))
    over = await clinic.press(asking, "Shorten it", {"The last day": "2020-01-31"})
    assert over.wrong() == {"f-expires_at": "The last day: that day is over"}
    page = await clinic.press(over, "Shorten it", {"The last day": "2098-01-31"})
    assert "31 Jan 2098, 23:59" in page.text
    more = await clinic.press(await clinic.open(way(page, SHORTER)), "Shorten it", {"The last day": "2098-02-01"})
    assert (more.status, more.wrong()) == (
        422,
        {"f-expires_at": "This would be more than was agreed. Choose something less."},
    )
    asking = await clinic.open(way(page, WITHOUT))
    page = await clinic.press(asking, "Leave them out", {"Which organisation": "Newcomer"})
    assert "Newcomer" not in page.text
    # Nobody else is left to leave out.
    assert WITHOUT not in page.text
    narrowed = [each["data"] for each in await told(parts, "consent.narrowed")]
    assert [each.get("except_recipients") for each in narrowed] == [None, [NEWCOMER]]


async def test_nobody_is_left_out_so_that_it_is_for_the_speaker_alone(clinic: Surfer, parts: Parts) -> None:
    page = await seen(clinic, await _both(clinic, parts, recipients={"partners": [SHELTER, CLINIC]}))
    asking = await clinic.open(way(page, WITHOUT))
    alone = await clinic.press(asking, "Leave them out", {"Which organisation": "Shelter"})
    assert alone.wrong() == {"f-partner": "Then it would be for your organisation alone. End it instead."}
    assert await told(parts, "consent.narrowed") == []


async def _both(clinic: Surfer, parts: Parts, own: str = "b", **changed: Any) -> Page:
    """Ask the shelter by the clinic's system, under a consent that reaches somebody else as well."""
    async with doors.partner(parts, CLINIC) as door:
        await agreed(door, own, **BOTH | changed)
        referral = (await tell(door, requested(f"r {own}", f"own:r {own}", f"own:{own}")))["subject"]
        await tell(door, offer(f"o {own}", f"own:r {own}", service_id=MEALS, consent_id=f"own:{own}"))
    return await clinic.open(f"/referrals/{referral}")


async def test_all_of_it_ends_at_once_and_what_begins_later_with_it(clinic: Surfer, parts: Parts) -> None:
    page = await seen(clinic, await _both(clinic, parts))
    assert "End all of it" not in page.text
    async with doors.partner(parts, CLINIC) as door:
        later = {"consent_id": "own:later", "valid_from": "2090-01-01"}
        await tell(door, consent("later", "own:b", **later))
    page = await seen(clinic, await clinic.open(page.path.removesuffix("/agreed")))
    # What is not in force yet cannot be narrowed, and is ended all the same.
    assert [page.text.count(label) for label in (END, SHORTER)] == [2, 1]
    asking = await clinic.open(page.link("End all of it"))
    page = await clinic.press(asking, "End all of it", ASKED)
    assert EMPTY in page.text
    assert len(await told(parts, "consent.revoked")) == 2
    for label in ("all", f"end?consent={ident('x')}"):
        assert (await clinic.open(f"{page.path}/{label}")).title == "Not possible any more"


async def test_pressing_twice_says_it_once(clinic: Surfer, parts: Parts) -> None:
    page = await seen(clinic, await referred(clinic))
    asking = await clinic.open(way(page, END))
    asking.fill(ASKED)
    _, place, fields = asking.sent("End it")
    answers = [await clinic.browser.post(place, data=fields) for _ in range(2)]
    assert [(each.status_code, each.headers["location"]) for each in answers] == [(303, page.path)] * 2
    assert len(await told(parts, "consent.revoked")) == 1
    # Another form finds that somebody was faster.
    late = await clinic.browser.post(place, data={**fields, "submission": [ident("another")]})
    assert late.status_code == 409


async def test_whoever_takes_the_person_on_can_end_it_and_nobody_before(
    clinic: Surfer, shelter: Surfer, newcomer: Surfer, stranger: httpx.AsyncClient, parts: Parts
) -> None:
    sent = await referred(clinic)
    place = f"{sent.path}/agreed"
    for who in (shelter, newcomer):
        await refused(who, place, await seen(clinic, sent))
    assert (await stranger.get(place)).status_code == 303
    assert SEE not in (await shelter.open(sent.path)).text
    accept = await shelter.open((await shelter.open(sent.path)).link("Accept"))
    taken = await shelter.press(accept, "Accept")
    page = await seen(shelter, taken)
    # It is shown nobody else's number.
    assert "4711" not in page.html
    assert EMPTY in (await shelter.press(await shelter.open(way(page, END)), "End it", ASKED)).text
    [revoked] = await told(parts, "consent.revoked")
    assert revoked["source"].endswith(SHELTER)


async def test_partner_with_which_sharing_ended_is_not_told_with_whom_it_goes_on(
    clinic: Surfer, shelter: Surfer, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await referred(clinic)
    accept = await shelter.open((await shelter.open(sent.path)).link("Accept"))
    await shelter.press(accept, "Accept")
    ours = await seen(clinic, sent)
    assert EMPTY in (await clinic.press(await clinic.open(way(ours, END)), "End it", ASKED)).text
    async with doors.partner(parts, CLINIC) as door:
        other = {"partners": [NEWCOMER]}
        await tell(door, consent("g new", "own:4711", consent_id="own:new", recipients=other))
    place = f"{sent.path}/agreed"
    assert "Newcomer" in (await clinic.open(place)).text
    page = await shelter.open(place)
    assert (page.status, "Newcomer" in page.text, EMPTY in page.text) == (200, False, True)
    # A control: whoever once served the person would read, and could end, whatever they agree to since.
    monkeypatch.setattr(consents, "reaches", lambda *_: True)
    assert "Newcomer" in (await shelter.open(place)).text


async def refused(who: Surfer, place: str, page: Page) -> None:
    """See that somebody is shown nothing and changes nothing, whatever they know."""
    consent_id = way(page, END).partition("consent=")[2]
    proof = (await who.open("/refer")).sent("Go on")[2]["csrf"][0]
    said_ = {"consent": consent_id, "submission": ident("s"), "reason": "client-asked", "csrf": proof}
    for path in (place, f"{place}/end?consent={consent_id}", f"{place}/all"):
        assert (await who.open(path)).status == 404
    for which in ("end", "all", "shorter", "without"):
        assert (await who.browser.post(f"{place}/{which}", data=said_)).status_code == 404
        assert (await who.browser.post(f"{place}/{which}", data={**said_, "csrf": "none"})).status_code == 403


async def test_without_the_guard_whoever_was_asked_would_see_it(
    clinic: Surfer, shelter: Surfer, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: it is the question who serves the person that keeps it from whoever was asked."""
    sent = await referred(clinic)
    [_] = await told(parts, "consent.granted")
    async with doors.partner(parts, SHELTER) as door:
        # A name alone is not enough: one is given before anything is judged.
        assert (await door.post("/v1/clients", json={"client": "own:x"})).status_code == 200
    [record] = {each["partitionkey"] for each in await told(parts, "consent.granted")}
    await parts.vault.aliases("riverbend", SHELTER, [record], grant=True)
    assert (await shelter.open(f"{sent.path}/agreed")).status == 404
    monkeypatch.setattr(Person, "served_by", lambda *_: True)
    assert (await shelter.open(f"{sent.path}/agreed")).status == 200


async def test_protected_partner_is_named_to_nobody_who_takes_no_part_with_it(
    clinic: Surfer, newcomer: Surfer, parts: Parts
) -> None:
    sent = await _both(clinic, parts)
    assert "Newcomer" in (await seen(clinic, sent)).text
    changed = {"service_id": ROOMS, "programme_class": "substance-use"}
    row = said("partner.service_changed", "guarded", changed)
    assert codes(await parts.admission.admit(newcomer_system, [row])) == [None]
    page = await seen(clinic, sent)
    assert "protected partner" in page.text
    asking = await clinic.open(way(page, WITHOUT))
    for shown in (page, asking):
        assert "ewcomer" not in shown.html
    forged = await clinic.press(asking, "Leave them out")
    assert forged.wrong() == {"f-partner": "Which organisation: choose one"}


async def test_that_it_was_shown_is_on_record(clinic: Surfer, parts: Parts) -> None:
    page = await seen(clinic, await referred(clinic))
    found = [orjson.loads(each.value or b"") for each in await records(parts.settings, DISCLOSURES)]
    last = found[-1]["data"]
    assert (last["reader"], last["fields"]) == (CLINIC, ["consent"])
    assert found[-1]["subject"] == found[-1]["partitionkey"]
    assert page.status == 200
