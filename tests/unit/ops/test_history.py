"""The demonstration's story."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

from orjson import dumps

from events.catalogue import NAMES, short
from events.door import SAID
from services.ops.demo.history import Row, Span, journeys, waves
from services.ops.demo.world import partners

UNTIL = datetime(2026, 3, 1, tzinfo=UTC)
SPAN = Span(UNTIL - timedelta(days=1000), UNTIL, timedelta(days=2))


def story(seed: int, clients: int = 200) -> list[Row]:
    random = Random(seed)
    return list(journeys(random, partners(random), SPAN, range(clients)))


def test_the_same_seed_tells_the_same_story() -> None:
    assert story(7) == story(7)
    assert story(7) != story(8)


def test_every_row_is_one_a_partner_may_send() -> None:
    for row in story(7):
        SAID[NAMES[row.document["type"]]].model_validate_json(dumps(row.document), extra="forbid")


def test_the_story_has_every_ending_duplicates_among_them() -> None:
    rows = story(7, 1700)
    outcomes = Counter(row.document["data"].get("outcome") for row in rows)
    types = Counter(row.document["type"] for row in rows)
    assert len(rows) > 20_000
    assert {"delivered", "partly", "not-delivered"} <= outcomes.keys()
    assert types["referral.offer_declined"] > 100
    assert types["referral.offer_sent"] > types["referral.outcome_recorded"]
    repeated = Counter((row.partner, row.document["id"]) for row in rows)
    assert max(repeated.values()) == 2


def test_waves_keep_every_clients_order() -> None:
    rows = story(7)
    told: dict[str, list[str]] = {}
    for wave in waves(iter(rows)):
        for spoken in wave.values():
            for row in spoken:
                told.setdefault(row.document["id"].split("-")[0], []).append(row.document["time"])
    assert all(times == sorted(times) for times in told.values())


def test_nothing_happens_after_the_span() -> None:
    assert all(row.document["time"] <= UNTIL.isoformat() for row in story(7))


def test_all_is_told_that_partners_can_say_of_a_referral() -> None:
    """But what the clock says, and what nobody says of a history that is whole."""
    told = {row.document["type"] for row in story(7, 400)}
    said = {name for name in map(short, NAMES) if name.startswith(("referral.", "episode."))}
    assert said - told == {
        "referral.offer_discarded",
        "referral.offer_expired",
        "referral.reminded",
        "referral.escalated",
        "referral.entered_in_error",
        "episode.corrected",
        "episode.entered_in_error",
    }
