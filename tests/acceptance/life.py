"""A deployment's life with names in it wherever one can be said, and everything going wrong that may quote one."""

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from events.catalogue import NAMES as FULL
from events.door import PLACES
from events.fields import Sealed
from services.ops import local
from tests.acceptance import wrong
from tests.acceptance.entry import ROW_FAILS, RULE_FAILS, VIEW_FAILS
from tests.acceptance.logged import ends, smuggled
from tests.support.admitting import CLINIC, SHELTER
from tests.support.canary import NAMES, ascii_name
from tests.support.casework import Person, changed, lines, opened, published, subjects, told
from tests.support.deployment import MANYHANDS, Deployment
from tests.support.wait import until

ENTRY = (sys.executable, "-m", "tests.acceptance.entry")
#: Every field of every event that holds text about a person: its type and its path in `data`.
SEALED = frozenset((full, place.path) for full, places in PLACES.items() for place in places if place.marker is Sealed)


@dataclass
class Life:
    """What was lived so far."""

    deployment: Deployment
    #: The sealed fields in which a name was said.
    planted: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)

    def with_name(self, row: bytes, name: str) -> bytes:
        """Return the row with the name in every field of it that is sealed."""
        event = orjson.loads(row)
        full = FULL[event["type"]]
        for path in [path for each, path in sorted(SEALED) if each == full]:
            _put(event["data"], path, name)
            self.planted.add((full, path))
        return orjson.dumps(event)


def _put(data: dict[str, Any], path: tuple[str, ...], name: str) -> None:
    *outer, last = path
    inside: Any = data
    for step in outer:
        inside = inside[step]
    inside[last] = name


async def lived(home: Path, deployment: Deployment) -> Life:
    """Live it all, and return when everything is written."""
    life = Life(deployment)
    await opened(deployment)
    async with deployment.processor() as processor:
        await _told(life)
        await _turned_away(life)
        await smuggled(deployment)
        await deployment.caught_up()
        await _faulty(life)
        await _secrets_astray(deployment)
        await _database_killed(life, home)
        await _log_killed(life, home)
        await deployment.caught_up()
        for path in ("/healthz", "/readyz", "/metrics"):
            await deployment.probe(processor, path)
    await _looked_at(deployment)
    return life


async def _told(life: Life) -> None:
    """Tell everybody's story, some of it twice, and what the rules refuse."""
    people = {name: Person(ascii_name(name)) for name in NAMES}
    rows = [life.with_name(row, name) for name, person in people.items() for row in _by_clinic(person)]
    known = subjects(await published(life.deployment, CLINIC, rows))
    answers = [life.with_name(row, name) for name, person in people.items() for row in _by_shelter(person, known)]
    await published(life.deployment, SHELTER, answers)
    later = [life.with_name(row, name) for name, person in people.items() for row in _afterwards(person)]
    await published(life.deployment, CLINIC, [*rows[:5], *later, *_refused(life, people)])


def _by_clinic(person: Person) -> Iterator[bytes]:
    yield person.registered()
    yield person.consented()
    for which in ("kept", "declined"):
        yield changed(person.requested(which), correlationid=person.own, causationid=person.own)
        yield person.offered(which)
    yield person.drafted("drafted")
    yield person.handed_off("outside")
    yield from person.served("episode")


def _afterwards(person: Person) -> Iterator[bytes]:
    """What the clinic says once it was answered."""
    yield person.mistaken("declined")


def _by_shelter(person: Person, known: dict[str, str]) -> Iterator[bytes]:
    kept, declined = (known[f"{person.own} referral.requested {which}"] for which in ("kept", "declined"))
    yield person.answered("offer_accepted", "kept", kept)
    yield person.answered("service_started", "kept", kept)
    yield person.answered("outcome_recorded", "kept", kept, outcome="delivered", outputs=[{"kind": "housing"}])
    corrected = {"outcome": "partly", "outputs": [{"kind": "housing"}], "because": "wrong-entry"}
    yield person.answered("outcome_corrected", "kept", kept, **corrected)
    yield person.answered("offer_declined", "declined", declined, reason="no-capacity")


def _refused(life: Life, people: dict[str, Person]) -> Iterator[bytes]:
    """Give claims that get onto the log and are refused there: registered twice, an id with another body."""
    for name, person in people.items():
        yield changed(life.with_name(person.registered(), name), id=f"{person.own} again")
        yield life.with_name(person.requested("kept", urgency="urgent"), name)


async def _turned_away(life: Life) -> None:
    """Say names where none may be said, as a script and as a person would, in earnest and to try."""
    deployment = life.deployment
    file = lines(*(row for name in NAMES for row in wrong.rows(name)))
    for options in (["--json"], [], ["--dry-run"]):
        ran = await deployment("publish", "-", "--as", CLINIC, *options, said=file)
        assert ran.code == 1, ran.err
    assert all(not row["ok"] for row in deployment.ran[-3][1].rows)
    tried = lines(*(life.with_name(Person(f"{ascii_name(name)} tried").registered(), name) for name in NAMES))
    assert (await told(deployment, CLINIC, tried, "--dry-run")).code == 0
    mistaken = lines(life.with_name(Person("mistaken").registered(), NAMES[0]))
    name, slug = NAMES[0], wrong.slug(NAMES[0])
    for arguments in (
        ("--as", CLINIC, "--actor", name),
        ("--as", CLINIC, "--backfill", name),
        ("--as", CLINIC, "--initiative", slug),
        ("--as", slug),
    ):
        ran = await deployment("publish", "-", *arguments, said=mistaken)
        assert ran.code, arguments


async def _faulty(life: Life) -> None:
    """Have another build fail in a view, in a row and in a rule, each with a name in its message."""
    deployment = life.deployment
    async with deployment.processor("faulty", (*ENTRY, "faulty"), MANYHANDS_BUILD="faulty") as processor:

        async def parked() -> bool:
            return len(await deployment.rows("select from rm_referral_v8_faulty.parked")) == 2

        async def stopped() -> bool:
            found = orjson.loads(await deployment.probe(processor, "/healthz"))["stopped"]
            return [each["code"] for each in found] == ["rule-failed"]

        await _asked(life, VIEW_FAILS, ROW_FAILS)
        await deployment.probe(processor, "/metrics")
        await until(parked, 60)
        await _asked(life, RULE_FAILS)
        await until(stopped, 60)
        await deployment.probe(processor, "/metrics")


async def _asked(life: Life, *areas: str) -> None:
    people = [(Person(f"faulty {area}"), area) for area in areas]
    rows = [row for person, area in people for row in (person.registered(), person.requested("x", area=area))]
    await published(life.deployment, CLINIC, [life.with_name(row, NAMES[4]) for row in rows])


async def _secrets_astray(deployment: Deployment) -> None:
    """Have the vault's key open to others, then cut short, then gone."""
    [key] = (deployment.home / "secrets").glob("epoch-*.key")
    kept = key.read_bytes()
    row = lines(Person(ascii_name(NAMES[0])).registered(details=NAMES[0]))
    key.chmod(0o644)
    astray = [await told(deployment, CLINIC, row)]
    key.chmod(0o600)
    key.write_bytes(kept[:7])
    astray.append(await told(deployment, CLINIC, row))
    key.write_bytes(kept)
    assert [ran.code for ran in astray] == [1, 1]
    assert [b"[secrets-unsafe]" in ran.err or b"[secrets-broken]" in ran.err for ran in astray] == [True, True]


async def _database_killed(life: Life, home: Path) -> None:
    """Kill PostgreSQL while a partner is in the middle of its rows."""
    postgres = local.Postgres(home)
    await _interrupted(life, lambda: postgres.stop("kill"), "first", MANYHANDS)
    await life.deployment("board", "summary")
    await asyncio.to_thread(postgres.start)


async def _log_killed(life: Life, home: Path) -> None:
    """Kill Kafka while a partner is in the middle of its rows."""
    kafka = local.Kafka(home)
    await _interrupted(life, lambda: kafka.stop(kill=True), "second", (*ENTRY, "hasty"))
    await told(life.deployment, CLINIC, lines(Person("late").registered(details=NAMES[0])))
    await asyncio.to_thread(kafka.start)


async def _interrupted(life: Life, kill: Callable[[], None], which: str, program: Sequence[str]) -> None:
    rows = [life.with_name(Person(f"{ascii_name(name)} {which}").registered(), name) for name in NAMES]
    arguments = ("publish", "-", "--as", CLINIC, "--json")
    process = await life.deployment.started(*arguments, program=program)
    assert process.stdin is not None
    before = await ends(life.deployment)
    process.stdin.write(lines(*rows[:3]))

    async def begun() -> bool:
        return await ends(life.deployment) >= before + 3

    await until(begun, 60)
    await asyncio.to_thread(kill)
    ran = await life.deployment.ended(process, arguments, lines(*rows[3:]))
    assert ran.code in (1, 3), ran


async def _looked_at(deployment: Deployment) -> None:
    """Have everything shown that can be shown."""
    for arguments in (
        ("board", "list", "--json"),
        ("board", "summary"),
        ("refusals", "list", "--json", "--limit", "1000"),
        ("refusals", "codes"),
        ("lag", "--json"),
        ("dump", "referral", "--json"),
        ("parked", "list", "--build", "faulty", "--json"),
        ("erase", "list"),
        ("register", "rebuild"),
    ):
        ran = await deployment(*arguments)
        assert ran.code == 0, (arguments, ran.err)
