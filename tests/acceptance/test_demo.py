"""The newcomer's first command, in small: everything comes up, the whole path is shown, everything is gone after."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from services.ops import local
from services.ops.demo.scenes import (
    accounts,
    again,
    batch,
    claimed,
    consent,
    deadline,
    gone,
    handshake,
    journey,
    late,
    leaving,
    link,
    oneperson,
    outside,
    own,
    putright,
    rates,
    room,
    runsout,
    sheet,
    worklist,
)
from services.ops.demo.scenes.case import DETAILS, NOTE
from services.ops.demo.scenes.sealed import leaks

SERVERS = ("MANYHANDS_KAFKA", "MANYHANDS_POSTGRES")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def shown(home: Path) -> str:
    environ = {name: value for name, value in os.environ.items() if name not in SERVERS}
    ran = subprocess.run(
        [str(Path(".venv/bin/manyhands").absolute()), "demo", "--clients", "80"],
        env=environ | {"MANYHANDS_HOME": str(home), "COLUMNS": "140"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.parametrize(
    "section",
    [
        "Referrals by status",
        "Refusals by code",
        "Turned away at the door",
        "Systems of partners' own",
        "a second",
        "Where to look next",
    ],
)
def test_demo_shows_each_section(shown: str, section: str) -> None:
    assert section in shown


def test_demo_shows_one_referral_from_need_to_outcome(shown: str) -> None:
    story = shown[shown.index("Referral ") : shown.index("Refusals by code")]
    steps = ["requested", "offer_sent", "offer_accepted", "service_started", "outcome_recorded"]
    places = [story.index(step) for step in steps]
    assert places == sorted(places)


def test_demo_loses_nothing_and_counts_nothing_twice(shown: str) -> None:
    assert "events came twice and count once" in shown
    assert "illegal-transition" in shown
    assert "not-found" in shown


def test_partners_of_their_own_systems_speak_over_kafka_and_http_and_one_reads_its_feed(shown: str) -> None:
    spoken = re.findall(r"([a-z-]+) over (Kafka|HTTP): (\d+) events, (\d+) on the log", shown)
    assert sorted(way for _, way, _, _ in spoken) == ["HTTP", "Kafka", "Kafka"]
    assert all(int(kept) > 0 for *_, kept in spoken)
    reader = next(partner for partner, way, _, _ in spoken if way == "HTTP")
    feed = shown[shown.index(f"Newest in the feed of {reader}") :]
    assert "acknowledge" in feed[: feed.index("Refusals by code")]


@pytest.mark.parametrize(
    ("title", "told"),
    [
        (link.TITLE, r"GET, three times +changes nothing"),
        (link.TITLE, r"before accepting +.* stays shut \(403\)"),
        (link.TITLE, r"alder-clinic's board said sent, viewed, accepted and then served"),
        (own.TITLE, r"who looked +Cedar House, "),
        (own.TITLE, r"whether it helped: yes"),
        (consent.TITLE, r"cedar-food-bank took on food .* reads 2 sealed texts"),
        (consent.TITLE, r"asks again: 403 not-in-force"),
        (consent.TITLE, r"board: consent-revoked"),
        (journey.TITLE, r"shelter +alder-clinic → cedar-shelter: completed, served"),
        (journey.TITLE, r"in all +2 needs, 2 offers, 1 met"),
        (accounts.TITLE, r"\d\d:\d\d:\d\d +Cedar Pantry: the details"),
        (sheet.TITLE, r"(?s)in it +2 referrals, .*sent \S+Z, there \S+.*on record +[2-9]"),
        (
            claimed.TITLE,
            r"(?s)not whose, nor who asks.*birch-legal-aid was first.*see it no more \(404\), .*offer-gone",
        ),
        (late.TITLE, r"(?s)nobody answered.*expired +due .* timekeeper.*by alder-transport, .*late, and it counts"),
        (handshake.TITLE, r"(?s)it stays accepted.*and agrees; alder-clinic's board: cancel-confirmed"),
        (again.TITLE, r"(?s)given up +cancelled, closed-not-served.*asked in its place: requested, open, 2 offers"),
        (putright.TITLE, r"(?s)board: closed-served.*no-show; the need is open again.*hears offer-in-error, .*403"),
        (outside.TITLE, r"(?s)in-progress, handed-off: .*it helped: handed-off-heard"),
        (oneperson.TITLE, r"(?s)waiting; once more: 403 second-person-required.*approves on a page: Done"),
        (room.TITLE, r"(?s)shows 6 of 20 places, and changes nothing.*“Thank you”: no account.*newer"),
        (
            leaving.TITLE,
            r"(?s)cedar-counselling succeeds it.*recipient-left, partner-left.*may say referral.offer_sent",
        ),
        (gone.TITLE, r"(?s)timekeeper: sender-left; .*and then as served.*sees none of it \(404"),
        (
            deadline.TITLE,
            r"(?s)recipient reminded +due .* timekeeper.*sender told .* timekeeper.*expired .* timekeeper",
        ),
        (runsout.TITLE, r"(?s)both ended +due .* timekeeper.*asks again: 403 not-in-force.*consent-expired"),
        (batch.TITLE, r"(?s)said now +.*2 referral.offer_recalled.*for a person +3 client.registered"),
        (worklist.TITLE, r"(?s)answer \([1-9].*others \([1-9].*Overdue \([1-9].*not yet seen \([1-9]"),
        (worklist.TITLE, r"http://127.0.0.1:8080/work, signed in at \S+/signin as staff@alder-clinic.example"),
        (rates.TITLE, r"(?s)disposition +[1-9]\d*/.*served +[1-9]\d*/.*acknowledged +[1-9]\d*/.*confirmed +1/"),
        (rates.TITLE, r"events behind +[1-9]\d* disposed, [1-9]\d* served, [1-9]\d* acknowledged, 1 confirmed"),
    ],
)
def test_demo_ends_with_all_of_referrals(shown: str, title: str, told: str) -> None:
    assert re.search(told, _block(shown, title))


def test_figures_are_cut_by_area_and_dated(shown: str) -> None:
    sheet = shown[shown.index("Counted, of all that could be") :]
    rows = dict(re.findall(r"^ ( *[a-z, ]+?) {2,}(\d+) ", sheet, re.MULTILINE))
    areas = [int(rows[name]) for name in rows if name.startswith("  ")]
    assert len(areas) == 6
    assert sum(areas) == int(rows["all, now"]) > int(rows["when loaded"]) > int(rows["a year ago"]) == 0


def test_no_sealed_text_is_shown_but_where_its_reader_may_see_it(shown: str) -> None:
    assert leaks(shown, (DETAILS, NOTE, *batch.PEOPLE), (DETAILS, NOTE)) == []
    assert shown.count(DETAILS) == _block(shown, link.TITLE).count(DETAILS) == 1


def _block(shown: str, title: str) -> str:
    """Return a scene's lines, up to the empty one behind them."""
    return shown[shown.index(title) :].partition("\n\n")[0]


def test_demo_stops_what_it_started(shown: str, home: Path) -> None:
    assert shown
    assert [server.running for server in local.status(home / "demo")] == [False, False]
