"""Partners' own systems: two that write events over Kafka into their inboxes, and one that speaks HTTP."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import aiohttp
import orjson
from aiokafka import AIOKafkaProducer

from events.topics import inbox
from services.admission.inbox import InboxStore
from services.gateway.access import Action
from services.gateway.store import Keep
from services.gateway.tokens import Holder, Tokens
from services.ops import doorway
from services.ops.demo.history import Row
from services.ops.demo.world import INITIATIVE
from services.ops.errors import DemoFailed
from services.ops.reading import Line
from services.ops.stage import Stage
from services.runtime.log import create_topics
from services.runtime.roles import Role
from services.runtime.security import brokers
from services.runtime.store import Pool, migrated

#: Seconds between two looks at what the intake decided, and for it to decide.
LOOK_S, PATIENCE_S = 0.05, 60.0
#: An inbox's first life: its topic was never cut or made anew.
LIFE = 0
#: Text about a person: it would have to be sealed before it is written to an inbox, so these systems send codes alone.
TEXT = ("details", "note")
BATCH = {"Content-Type": "application/cloudevents-batch+json"}


class Heard(NamedTuple):
    """What a system is told of an event: what its subject is called from now on, or why it was turned away."""

    subject: str | None
    code: str | None


class System(Protocol):
    """Says events for one partner."""

    async def say(self, rows: Sequence[bytes]) -> Sequence[Heard]:
        """Return what became of each row, once all of them are decided."""


@dataclass
class Spoken:
    """What one partner's system did, and what came of it."""

    partner: str
    way: str
    rows: int = 0
    turned_away: Counter[str] = field(default_factory=Counter)

    def note(self, heard: Sequence[Heard]) -> Sequence[Heard]:
        self.rows += len(heard)
        self.turned_away.update(each.code for each in heard if each.code)
        return heard

    @property
    def told(self) -> str:
        """In one line."""
        away = ", ".join(f"{rows} as {code}" for code, rows in self.turned_away.most_common())
        kept = self.rows - self.turned_away.total()
        told = f"{self.partner} {self.way}: {self.rows} events, {kept} on the log"
        return f"{told}; turned away {away}" if away else told


@dataclass
class Inbox:
    """A system that speaks Kafka."""

    spoken: Spoken
    topic: str
    producer: AIOKafkaProducer
    store: InboxStore

    async def say(self, rows: Sequence[bytes]) -> Sequence[Heard]:
        """Write the rows in order; raises DemoFailed when the intake does not decide them."""
        sent = [await self.producer.send(self.topic, _without_text(row)) for row in rows]
        offsets = [(await each).offset for each in sent]
        found = await self._decisions(offsets[0], len(rows))
        return self.spoken.note([Heard(each["subject"], each["code"]) for each in found])

    async def _decisions(self, first: int, count: int) -> Sequence[Mapping[str, Any]]:
        """Return what became of records once all of them are decided."""
        until = asyncio.get_running_loop().time() + PATIENCE_S
        while asyncio.get_running_loop().time() < until:
            found = await self.store.page(self.spoken.partner, (LIFE, first - 1), count)
            if len(found) == count and all(map(_decided, found)):
                return found
            await asyncio.sleep(LOOK_S)
        raise DemoFailed(f"the intake decided nothing for {PATIENCE_S:.0f} s")


@dataclass
class Caller:
    """A system that speaks HTTP."""

    spoken: Spoken
    session: aiohttp.ClientSession

    async def say(self, rows: Sequence[bytes]) -> Sequence[Heard]:
        """Post the rows as one batch; raises DemoFailed when it is not answered as one."""
        body = b"[" + b",".join(rows) + b"]"
        async with self.session.post("/v1/events", data=body, headers=BATCH) as answer:
            told = orjson.loads(await answer.read())
        if answer.status != 200:
            raise DemoFailed(f"the gateway answered {answer.status} {told.get('code')}")
        return self.spoken.note([Heard(each.get("subject"), each.get("code")) for each in told["results"]])

    async def feed(self, limit: int) -> list[Line]:
        """Return the newest of what the partner is told."""
        async with self.session.get("/v1/feed", params={"limit": limit}) as answer:
            told = orjson.loads(await answer.read())
        shown = ({**each, "next": each["next"]["step"]} for each in told["entries"])
        return [{**each, "recorded": datetime.fromisoformat(each["recorded"])} for each in shown]


def _without_text(row: bytes) -> bytes:
    said = orjson.loads(row)
    return orjson.dumps({**said, "data": {name: value for name, value in said["data"].items() if name not in TEXT}})


def _decided(row: Mapping[str, Any]) -> bool:
    """Say whether a record was turned away or stands on the log."""
    return row["code"] is not None or row["log_offset"] is not None


@dataclass(frozen=True)
class Systems:
    """Those that are running, by partner."""

    inboxes: Mapping[str, Inbox]
    caller: Caller

    @property
    def speakers(self) -> Mapping[str, System]:
        return {**self.inboxes, self.caller.spoken.partner: self.caller}

    @property
    def told(self) -> list[str]:
        """What came of each, in one line."""
        return [*(each.spoken.told for each in self.inboxes.values()), self.caller.spoken.told]


def busiest(waves: Sequence[Mapping[str, Sequence[Row]]], count: int) -> list[str]:
    """Return the partners that say most."""
    rows = Counter({partner: 0 for wave in waves for partner in wave})
    for wave in waves:
        rows.update({partner: len(said) for partner, said in wave.items()})
    return sorted(rows, key=lambda partner: (-rows[partner], partner))[:count]


@asynccontextmanager
async def connected(stage: Stage, over_kafka: Sequence[str], over_http: str) -> AsyncIterator[Systems]:
    """Give the systems of these partners, with inboxes, a token and connections of their own."""
    settings = stage.settings
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(
            migrated(settings.postgres, role=Role.OPERATOR, application="manyhands-demo", size=2)
        )
        store = InboxStore(pool)
        names = {partner: inbox(partner) for partner in over_kafka}
        await create_topics(settings, [*names.values()])
        await store.make(INITIATIVE, [(partner, settings.topic(topic)) for partner, topic in names.items()])
        producer = AIOKafkaProducer(**brokers(settings), acks="all", enable_idempotence=True)
        await producer.start()
        stack.push_async_callback(producer.stop)
        inboxes = {
            partner: Inbox(Spoken(partner, "over Kafka"), settings.topic(topic), producer, store)
            for partner, topic in names.items()
        }
        session = await stack.enter_async_context(await _session(stage, pool, over_http))
        yield Systems(inboxes, Caller(Spoken(over_http, "over HTTP"), session))


async def _session(stage: Stage, pool: Pool, partner: str) -> aiohttp.ClientSession:
    holder = Holder(INITIATIVE, partner, None, frozenset({Action.EVENT_POST, Action.FEED_READ}))
    issued = await Tokens(Keep(pool)).issue(holder)
    return aiohttp.ClientSession(doorway.address(stage), headers={"Authorization": f"Bearer {issued.text}"})
