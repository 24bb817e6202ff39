"""From a partner's rows to the log, and back to the partner."""

from collections.abc import AsyncIterator, Sequence

import orjson
import pytest

from events.codec import Unreadable, read
from events.topics import CASES, DISCLOSURES, INITIATIVES
from services.admission.admission import Admission
from services.admission.caller import Partner, System
from services.admission.judging import Terms
from services.admission.result import Result
from services.admission.wiring import opened
from services.runtime.settings import Settings
from tests.support.admitting import (
    SHELTER,
    clinic,
    codes,
    consent,
    found,
    newcomer,
    offer,
    records,
    registered,
    registrar,
    requested,
    said,
    shelter,
)
from tests.support.events import INITIATIVE, ident

CANARY = "Zaphrodite Quillfeather"


async def referral(admission: Admission, name: str = "1") -> str:
    """Open a referral with an offer to the shelter and return its id."""
    told = await admission.admit(
        clinic,
        [
            registered(f"c{name}", f"own:{name}"),
            requested(f"r{name}", f"own:r{name}", f"own:{name}"),
            offer(f"o{name}", f"own:r{name}"),
        ],
    )
    assert codes(told) == [None] * 3
    subject = told[1].subject
    assert subject is not None
    return subject


async def test_everything_on_the_log_is_readable_salted_and_sealed(admission: Admission, settings: Settings) -> None:
    told = await admission.admit(
        clinic,
        [
            registered("c1", "own:1", details=CANARY),
            consent("k1", "own:1"),
            requested("r1", "own:r1", "own:1", details=CANARY),
            offer("o1", "own:r1", details=CANARY),
        ],
    )
    assert codes(told) == [None] * 4
    kept = await records(settings, CASES)
    events = [read(CASES, record.key, record.value) for record in kept]
    assert not any(isinstance(event, Unreadable) for event in events)
    assert len({record.key for record in kept}) == 1
    salts = [dict(record.headers)["salt"] for record in kept]
    assert [len(salt) for salt in salts] == [16] * 4
    assert len(set(salts)) == 4
    assert not any(CANARY.encode() in (record.value or b"") for record in kept)
    assert [result.at.offset for result in told if result.at] == [record.offset for record in kept]


async def test_accepting_gives_the_recipient_a_name_of_its_own_for_the_client(admission: Admission) -> None:
    subject = await referral(admission)
    [answer] = await admission.admit(
        shelter, [said("referral.offer_accepted", "a1", {"offer_id": "own:o"}, subject=subject)]
    )
    assert (answer.problem, answer.alias) == (None, None), "whose need it is, is told when the acceptance was judged"
    assert answer.record is not None
    [alias] = (await admission.vault.aliases(INITIATIVE, SHELTER, [answer.record])).values()
    mine, theirs = consent("k2", alias), consent("k2", alias)
    assert codes(await admission.admit(shelter, [mine])) == [None]
    assert codes(await admission.admit(clinic, [theirs])) == ["not-found"]


async def test_client_id_itself_is_nobody_s_to_name(admission: Admission, settings: Settings) -> None:
    await referral(admission)
    client = (await records(settings, CASES))[0].key
    assert client is not None
    assert codes(await admission.admit(clinic, [consent("k", client.decode())])) == ["not-found"]


async def test_bad_rows_neither_delay_nor_lose_their_neighbours(admission: Admission, settings: Settings) -> None:
    rows = [
        b"\xff",
        registered("c1", "own:1"),
        b"[" * 1000,
        requested("r1", "own:r1", "own:nobody"),
        requested("r2", "own:r2", "own:1"),
        registered("c3", "own:3", categories=["castle"]),
        requested("r3", "own:r3", "own:3"),
        offer("o2", "own:r2"),
        b"",
    ]
    told = await admission.admit(clinic, rows)
    assert [result.row for result in told] == list(range(len(rows)))
    assert codes(told) == [
        "not-json",
        None,
        "too-deep",
        "not-found",
        None,
        "unknown-code",
        "not-found",
        None,
        "not-json",
    ]
    assert len(await records(settings, CASES)) == 3


async def test_foreign_partner_finds_nothing_until_it_takes_part(admission: Admission) -> None:
    subject = await referral(admission)
    signed = {"agreement_id": "own:n", "version": "1", "signed_at": "2026-01-01"}
    await admission.admit(registrar, [said("partner.agreement_signed", "n", signed, subject=newcomer.partner)])
    viewed = said("referral.offer_viewed", "v", {"offer_id": "own:o", "by": "person"}, subject=subject)
    assert codes(await admission.admit(newcomer, [viewed])) == ["not-found"]
    assert codes(await admission.admit(shelter, [viewed])) == [None]


async def test_retry_stands_under_the_same_identity_and_digest(admission: Admission, settings: Settings) -> None:
    rows = [registered("c1", "own:1", details=CANARY), requested("r1", "own:r1", "own:1", details=CANARY)]
    await admission.admit(clinic, rows)
    await admission.admit(clinic, rows)
    kept = [orjson.loads(record.value or b"") for record in await records(settings, CASES)]
    identities = {(event["partitionkey"], event["id"], event["data"]["admitted"]["digest"]) for event in kept}
    assert (len(kept), len(identities)) == (4, 2)


async def test_those_turned_away_stand_on_the_log_by_code_alone(admission: Admission, settings: Settings) -> None:
    await admission.admit(clinic, [CANARY.encode(), requested("r", "own:r", "own:" + CANARY)])
    stood = [record.value or b"" for record in await records(settings, DISCLOSURES)]
    told = [orjson.loads(value) for value in stood]
    assert [(each["subject"], each["data"]["code"]) for each in told] == [
        (clinic.partner, "not-json"),
        (clinic.partner, "not-found"),
    ]
    assert not any(CANARY.encode() in value for value in stood)


async def test_sealed_text_is_taken_for_its_own_place_only(admission: Admission, settings: Settings) -> None:
    rows = [registered("c1", "own:1", details=CANARY), requested("r1", "own:r1", "own:1", details=CANARY)]
    await admission.admit(clinic, rows)
    sealed = [orjson.loads(record.value or b"")["data"]["details"] for record in await records(settings, CASES)]
    again = requested("r1", "own:r1", "own:1", details=sealed[1])
    elsewhere = [
        requested("r2", "own:r2", "own:1", details=sealed[1]),
        requested("r1", "own:r1", "own:1", details=sealed[0]),
        requested("r1", "own:r1", "own:1", details=sealed[1] | {"kid": "A" * 22}),
    ]
    leaning = offer("o2", "own:r2")
    answers = await admission.admit(clinic, [again, *elsewhere, leaning])
    assert codes(answers) == [None, "seal-invalid", "seal-invalid", "seal-invalid", "not-found"]
    assert answers[1].problem is not None
    assert answers[1].problem.pointer == "/data/details"


async def test_subject_belongs_to_its_first_client_and_to_one_partner(admission: Admission) -> None:
    subject = await referral(admission)
    await admission.admit(shelter, [registered("c", "own:c")])
    for other in (subject, ident("unused")):
        assert codes(await admission.admit(shelter, [requested("r", other, "own:c")])) == ["invalid-value"]
    assert codes(await admission.admit(shelter, [requested("r", "own:r1", "own:c")])) == [None]
    await admission.admit(clinic, [registered("c2", "own:2")])
    assert codes(await admission.admit(clinic, [requested("r1", "own:r1", "own:2")])) == ["subject-taken"]


async def test_what_an_initiative_event_changes_holds_for_the_next_row(admission: Admission) -> None:
    rows = [
        said("partner.joined", "j", {"name": "N", "sector": "castles", "reporting": "client-level"}, subject="keep"),
        said(
            "initiative.codelist_published",
            "cl",
            {"codelist": "sector", "entries": [{"code": "castles", "label": "Castles"}]},
        ),
        said("partner.joined", "j2", {"name": "N", "sector": "castles", "reporting": "client-level"}, subject="keep"),
        said("partner.joined", "j3", {"name": "N", "sector": "health", "reporting": "client-level"}, subject="moat"),
    ]
    assert codes(await admission.admit(registrar, rows)) == ["unknown-code", None, None, "unknown-code"]


async def test_backfill_is_taken_while_its_window_is_open(admission: Admission, settings: Settings) -> None:
    window = {
        "backfill_id": "own:b",
        "partners": [clinic.partner],
        "from": "2020-01-01",
        "until": "2024-12-31",
        "reason": "history",
    }
    [opening] = await admission.admit(registrar, [said("initiative.backfill_opened", "b", window)])
    assert opening.problem is None
    [backfill] = admission.standing(INITIATIVE).windows
    then, outside = "2023-05-05T10:00:00Z", "2019-05-05T10:00:00Z"
    rows = [
        said("client.registered", "c", {}, client="own:1", time=then),
        said("client.registered", "c2", {}, client="own:2", time=outside),
    ]
    assert codes(await admission.admit(clinic, rows, backfill=backfill)) == [None, "outside-backfill"]
    assert codes(await admission.admit(clinic, rows)) == ["late-without-reason"] * 2
    assert codes(await admission.admit(shelter, rows[:1], backfill=backfill)) == ["outside-backfill"]
    [kept] = await records(settings, CASES)
    assert orjson.loads(kept.value or b"")["data"]["admitted"]["backfill"] == backfill
    await admission.admit(registrar, [said("initiative.backfill_closed", "bc", {"backfill_id": backfill})])
    assert codes(await admission.admit(clinic, rows[:1], backfill=backfill)) == ["outside-backfill"]


async def test_founding_again_says_nothing_new(admission: Admission, settings: Settings) -> None:
    before = len(await records(settings, INITIATIVES))
    async with opened(settings) as other:
        assert other.initiatives == [INITIATIVE]
        assert other.standing(INITIATIVE).registrars == admission.standing(INITIATIVE).registrars
    assert len(await records(settings, INITIATIVES)) == before


async def test_system_speaks_in_process_and_partners_never_in_its_place(admission: Admission) -> None:
    opening = {"name": "Other", "zone": "Europe/Berlin", "backbone": "else"}
    row = said("initiative.opened", "o", opening)
    assert codes(await admission.admit(registrar, [row])) == ["not-authorised"]
    assert codes(await admission.admit(System("elsewhere", "vault"), [row])) == ["wrong-initiative"]
    assert codes(await admission.admit(System("elsewhere", "init"), [row])) == [None]
    assert codes(await admission.admit(Partner("elsewhere", clinic.partner), [row])) == ["wrong-initiative"]


async def batches(rows: Sequence[bytes], size: int) -> AsyncIterator[Sequence[bytes]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


@pytest.mark.parametrize("size", [1, 7, 5000])
async def test_stream_answers_every_row_in_order(admission: Admission, settings: Settings, size: int) -> None:
    rows: list[bytes] = []
    for each in range(30):
        rows += [
            registered(f"c{each}", f"own:{each}"),
            b"no",
            requested(f"r{each}", f"own:r{each}", f"own:{each}"),
            offer(f"o{each}", f"own:r{each}"),
        ]
    told: list[Result] = [result async for result in admission.stream(Terms(clinic), batches(rows, size))]
    assert [result.row for result in told] == list(range(120))
    assert codes(told) == [None, "not-json", None, None] * 30
    kept = [orjson.loads(record.value or b"") for record in await records(settings, CASES)]
    by_client: dict[str, list[str]] = {}
    for event in kept:
        by_client.setdefault(event["partitionkey"], []).append(event["type"].split(".")[3])
    assert list(by_client.values()) == [["registered", "requested", "offer_sent"]] * 30


async def test_initiative_is_founded_once(unfounded: Settings) -> None:
    async with opened(unfounded) as admission:
        assert codes(await admission.admit(clinic, [registered("c", "own:1")])) == ["wrong-initiative"]
        await found(admission)
        assert codes(await admission.admit(clinic, [registered("c", "own:1")])) == [None]
