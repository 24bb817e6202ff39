"""What was said with events: what it made of an offer, what files say of it, and how protected partners are named."""

import json
from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from projections.memory import MemoryStore
from projections.referral import REFERRAL
from projections.referral.board import BOARD
from projections.referral.said import SAID, WORDS
from projections.referral.state import Offer, decode_referral
from projections.timeline import TIMELINE
from services.admission.standing import Service, Standing
from services.gateway import spoken
from services.gateway.past import _ENDED
from services.gateway.protection import PROTECTED
from services.gateway.sight import Role, Sight, Withheld
from services.gateway.spoken import COLUMNS, Spoken, Words, hears_others, of_offer, summed, told_by, words_of
from tests.support.caselog import log
from tests.support.folding import folded
from tests.unit.gateway.test_sight import client, offer, referral

STANDING = Standing(
    services={
        "a": Service("refuge", True, "domestic-violence", None),
        "b": Service("pantry", True, "general", None),
    },
    protected=frozenset({"domestic-violence"}),
)


def seen(role: Role, withheld: Withheld | None = None) -> Sight:
    found = referral(offer())
    return Sight(role, found, client(), found.offers, withheld)


def test_others_are_heard_while_anything_is_shared() -> None:
    assert [hears_others(seen(role)) for role in ("sender", "recipient", "coordinator", "class-member")] == [
        True,
        True,
        True,
        False,
    ]
    assert not hears_others(seen("recipient", "consent-not-in-force"))
    assert not hears_others(seen("sender", "erased"))


@pytest.mark.parametrize(
    ("role", "named"),
    [("sender", ["refuge", "pantry"]), ("recipient", ["refuge", "pantry"]), ("coordinator", [PROTECTED, "pantry"])],
)
def test_a_protected_partner_that_is_suggested_has_no_name_for_others(role: Role, named: list[str]) -> None:
    told = words_of('{"reason":"no-capacity","suggested_partners":["refuge","pantry"]}', seen(role), STANDING)
    assert told == {"reason": "no-capacity", "suggested_partners": named}
    open_to_all = replace(STANDING, protected=frozenset())
    assert words_of('{"suggested_partners":["refuge"]}', seen(role), open_to_all) == {"suggested_partners": ["refuge"]}
    assert words_of(None, seen(role), STANDING) is None


def test_every_word_that_is_kept_is_told() -> None:
    assert set(Words.model_fields) == {name for names in WORDS.values() for name in names}


def _offers(store: MemoryStore) -> Iterator[tuple[Offer, list[Spoken]]]:
    """Yield each offer as its projection has it, with all that was said of it and applied."""
    words = {row[:4]: json.loads(row[SAID.place("words")] or "{}") for row in store.tables["said"].values()}
    place = TIMELINE.place
    applied = [row for row in store.tables["timeline"].values() if row[place("outcome")] == "applied"]
    rows = sorted(applied, key=lambda row: row[place("record_offset")])
    for board in store.tables["referral"].values():
        if board[BOARD.place("erased")]:
            continue
        for each in decode_referral(board[BOARD.place("state")]).offers:
            about = [row for row in rows if (row[1], row[place("offer")]) == (board[1], each.id)]
            about = [row for row in about if row[place("subject")] == board[2]]
            yield each, [Spoken(row[place("type")], words.get(row[:4], {})) for row in about]


async def _agree() -> list[str]:
    """Return the fields that are told, having compared each with the projection's own."""
    found: list[str] = []
    for seed in range(3):
        store = MemoryStore(REFERRAL)
        records = log(seed, 60)
        await folded(store, records, len(records), REFERRAL)
        for each, said in _offers(store):
            for name, value in told_by(said).items():
                assert getattr(each, name) == value or (name == "reason" and each.detail in _ENDED), name
                found.append(name)
    return found


async def test_words_make_of_an_offer_what_its_projection_does() -> None:
    assert set(await _agree()) == {"reason", "expected_by", "outcome", "heard", "need_met"}


@pytest.mark.parametrize("name", ["outcome_corrected", "waitlisted", "put_on_hold"])
async def test_an_event_that_is_not_heard_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {key: value for key, value in spoken._SETS.items() if not key.endswith(f".{name}")}
    monkeypatch.setattr(spoken, "_SETS", MappingProxyType(kept))
    with pytest.raises(AssertionError):
        await _agree()


def test_a_line_sums_up_what_was_said_of_its_offer_alone() -> None:
    def row(name: str, about: str = "one", **words: Any) -> dict[str, Any]:
        return {"type": f"referral.{name}", "offer": about, "words": words}

    rows = [
        row("contact_attempted", channel="phone", result="no-answer"),
        row("contact_attempted", "other", channel="letter", result="reached"),
        row("contact_attempted", channel="visit", result="not-safe-to-talk"),
        row("put_on_hold", reason="client-away"),
        row("cancel_requested", reason="need-changed"),
        row("outcome_recorded", outcome="delivered", outputs=[{"kind": "goods"}]),
        row("outcome_corrected", outcome="partly", outputs=[{"kind": "housing"}], because="wrong-entry"),
        row("offer_declined", "other", reason="no-capacity", suggested_partners=["pantry"]),
    ]
    assert summed(of_offer(rows, "one")) == {
        "suggested_partners": None,
        "contact_attempts": [
            {"channel": "phone", "result": "no-answer"},
            {"channel": "visit", "result": "not-safe-to-talk"},
        ],
        "hold_reasons": ["client-away"],
        "cancel_reason": "need-changed",
        "outputs": [{"kind": "housing"}],
        "correction_reason": "wrong-entry",
    }
    assert summed(of_offer(rows, "other"))["suggested_partners"] == ["pantry"]
    assert summed(of_offer(rows, None)) == dict.fromkeys(COLUMNS)
