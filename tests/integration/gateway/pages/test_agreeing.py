"""What a person agreed to, on a page of its own: seen, ended and narrowed by whoever serves them, before any answer."""

from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest

from events.topics import CASES, DISCLOSURES
from projections.referral.consent import Ask
from services.gateway import agreed as module
from services.gateway.agreed import Person, covering, person, standing
from services.gateway.pages import consents
from services.gateway.parts import Parts
from services.gateway.principal import Kind, Principal
from services.gateway.progress import now
from services.gateway.protection import is_guarded
from tests.support import doors, oneperson, reading, staffing
from tests.support.admitting import CLINIC, NEWCOMER, SHELTER, codes, consent, offer, records, requested, said
from tests.support.admitting import newcomer as newcomer_system
from tests.support.events import INITIATIVE, ident
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
#: A protected programme, and one that is not.
BESIDE = ["substance-use", "general"]
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
    # Neither does the form of a referral tell it, nor a link of the person's own that it would have mailed to itself.
    reader = Principal(Kind.STAFF, INITIATIVE, SHELTER, actor=staffing.STAFF[SHELTER])
    async with doors.partner(parts, SHELTER) as door:
        alias = (await door.get(f"/v1/referrals/{sent.path.rsplit('/', 1)[1]}")).json()["client"]

        async def learnt() -> tuple[int, int]:
            ask = Ask(NEWCOMER, "care", ("contact",), "general", protected=False)
            found = await covering(parts, reader, await person(parts, reader, alias), [ask], now())
            wish = {"kind": "client", "client": alias, "email": "desk@shelter.example"}
            return len(found), (await door.post("/v1/links", json=wish)).status_code

        assert await learnt() == (0, 404)
        assert "Make the person's link" not in (await shelter.open(f"{sent.path}/links")).buttons()
        # A control: whoever once served the person would read, and could end, whatever they agree to since.
        monkeypatch.setattr(module, "reaches", lambda *_: True)
        assert await learnt() == (1, 201)
    monkeypatch.setattr(consents, "is_told", lambda *_: True)
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


async def _taken(clinic: Surfer, shelter: Surfer, parts: Parts, **changed: Any) -> tuple[Page, Page]:
    """Have the shelter take somebody on under a consent for the newcomer too; return what both partners' staff see."""
    sent = await _both(clinic, parts, **changed)
    await shelter.press(await shelter.open((await shelter.open(sent.path)).link("Accept")), "Accept")
    return await clinic.open(f"{sent.path}/agreed"), await shelter.open(f"{sent.path}/agreed")


async def untold(who: Surfer, page: Page) -> None:
    """See that neither the page nor a form that it leads to names the newcomer, or offers to leave it out."""
    assert "protected partner" in page.text
    for place in ("", *(f"{page.path}/{each}" for each in ("all", *_forms(page)))):
        assert "ewcomer" not in (page.html if not place else (await who.open(place)).html)
    asking = await who.open(way(page, WITHOUT))
    _, place, fields = asking.sent("Leave them out")
    forged = await who.browser.post(place, data={**fields, "partner": [NEWCOMER]})
    assert forged.status_code == 422


def _forms(page: Page) -> list[str]:
    return [way(page, each).rsplit("/", 1)[1] for each in (END, SHORTER, WITHOUT)]


async def test_nobody_is_named_beside_a_protected_programme_but_to_whoever_recorded_it(
    clinic: Surfer, shelter: Surfer, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newcomer offers rooms to everybody: its name and the programme together would tell what somebody needs."""
    ours, theirs = await _taken(clinic, shelter, parts)
    for page in (ours, theirs):
        assert "a protected programme" in page.text
    assert "Newcomer" in ours.text
    assert "Newcomer" in (await clinic.open(way(ours, WITHOUT))).control("Which organisation").text
    await untold(shelter, theirs)
    # A control: by what the partner offers alone it would be named.
    monkeypatch.setattr(consents, "is_untold", lambda standing, _, partner: is_guarded(standing, partner))
    assert "Newcomer" in (await shelter.open(theirs.path)).text


async def test_protected_partner_is_named_to_nobody_who_takes_no_part_with_it(
    clinic: Surfer, shelter: Surfer, parts: Parts
) -> None:
    ours, theirs = await _taken(clinic, shelter, parts, programme_classes=["general"])
    assert "Newcomer" in theirs.text
    changed = {"service_id": ROOMS, "programme_class": "substance-use"}
    row = said("partner.service_changed", "guarded", changed)
    assert codes(await parts.admission.admit(newcomer_system, [row])) == [None]
    await untold(shelter, await shelter.open(theirs.path))
    # Whoever recorded it has to know whom to leave out.
    assert "Newcomer" in (await clinic.open(ours.path)).text


async def test_whoever_registered_the_person_is_not_told_whom_another_partners_protected_consent_names(
    clinic: Surfer, shelter: Surfer, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = await _taken(clinic, shelter, parts, recipients={"partners": [SHELTER]})
    async with doors.partner(parts, SHELTER) as door:
        alias = (await door.get(f"/v1/referrals/{ours.path.split('/')[2]}")).json()["client"]
        recipients = {"partners": [NEWCOMER]}
        await tell(door, consent("g more", alias, recipients=recipients, programme_classes=BESIDE))
    page = await clinic.open(ours.path)
    assert ("ewcomer" in page.html, "protected partner" in page.text, page.text.count(END)) == (False, True, 2)
    # It shares nothing with the shelter, which recorded it and may end it.
    page = await shelter.open(theirs.path)
    assert ("Newcomer" in page.text, page.text.count(END)) == (True, 2)
    await _found_by_its_recorder_alone(parts, alias, monkeypatch)


async def _found_by_its_recorder_alone(parts: Parts, alias: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """See that a form for a new referral offers it to nobody else: that would tell that it is there, or whom it names.

    It speaks of a programme that is not protected as well, and is not offered for that either.
    """
    guarded = Ask(NEWCOMER, "care", ("contact",), "substance-use", protected=True)
    open_ = replace(guarded, programme_class="general", protected=False)
    by_shelter, by_clinic = (
        Principal(Kind.STAFF, INITIATIVE, each, actor=staffing.STAFF[each]) for each in (SHELTER, CLINIC)
    )

    async def found(who: Principal, typed: str) -> list[int]:
        whom = await person(parts, who, typed)
        return [len(await covering(parts, who, whom, [each], now())) for each in (guarded, open_)]

    assert [await found(by_shelter, alias), await found(by_clinic, "b")] == [[1, 1], [0, 0]]
    with monkeypatch.context() as patch:
        patch.setattr(module, "carries", lambda *_: False)
        # A control.
        assert await found(by_clinic, "b") == [1, 1]
    monkeypatch.setattr(module, "recorded", _all_of_them)
    # Another.
    assert await found(by_clinic, "b") == [1, 1]


async def _all_of_them(parts: Parts, who: Principal, record: str) -> list[str]:
    found = await standing(parts, who, Person("", record))
    return [each.id for each in found.client.consents] if found.client else []


@pytest.mark.parametrize("together", [True, False])
async def test_all_of_it_is_what_was_agreed_to_under_each_id_that_the_partner_may_act_on(
    together: bool, clinic: Surfer, shelter: Surfer, parts: Parts
) -> None:
    """Two ids are one person's only where that is said; the shelter serves them under the first alone."""
    async with doors.partner(parts, CLINIC) as door:
        for own in ("1", "2"):
            await agreed(door, own)
        referral = await reading.referred(door, "1")
        if together:
            await oneperson.linked(door, parts, "1", "2")
    taken = await shelter.open((await shelter.open(f"/referrals/{referral}")).link("Accept"))
    theirs = await seen(shelter, await shelter.press(taken, "Accept"))
    page = await clinic.open(f"/referrals/{referral}/agreed")
    if not together:
        assert "End all of it" not in page.text
        return
    asking = await clinic.open(page.link("End all of it"))
    assert (asking.terms()["Person"], asking.text.count("(as 2)")) == ("1 and 2", 2)
    before = await shelter.open(f"{theirs.path}/all")
    assert "(as" not in before.text
    assert EMPTY in (await clinic.press(asking, "End all of it", ASKED)).text
    ended = await told(parts, "consent.revoked")
    assert [len(ended), len({each["partitionkey"] for each in ended})] == [4, 2]


async def test_that_it_was_shown_is_on_record(clinic: Surfer, parts: Parts) -> None:
    page = await seen(clinic, await referred(clinic))
    found = [orjson.loads(each.value or b"") for each in await records(parts.settings, DISCLOSURES)]
    last = found[-1]["data"]
    assert (last["reader"], last["fields"]) == (CLINIC, ["consent"])
    assert found[-1]["subject"] == found[-1]["partitionkey"]
    assert page.status == 200
