"""The newcomer's first command, in small: everything comes up, the whole path is shown, everything is gone after."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from services.ops import local

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
        timeout=300,
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


def test_demo_stops_what_it_started(shown: str, home: Path) -> None:
    assert shown
    assert [server.running for server in local.status(home / "demo")] == [False, False]
