"""Partners' systems that say one thing after another over HTTP, each of it until they are told that it is kept."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import aiohttp
import orjson

from services.gateway.cloudevents import Mode
from tests.support.admitting import registered

#: Seconds after which a request counts as never answered; an outage of the log is answered long before.
PATIENCE_S = 20.0
#: Events of one request.
SIZES = {Mode.STRUCTURED: 1, Mode.BATCH: 20, Mode.STREAM: 40}
#: Between two requests: the gateway is to be busy, and not the machine full.
PAUSE_S = 0.04


@dataclass
class Said:
    """One event, how often it was sent, and what it was told each time that it is kept."""

    id: str
    row: bytes
    attempts: int = 0
    events: set[str] = field(default_factory=set)
    receipts: set[str] = field(default_factory=set)


@dataclass
class Doors:
    """Where gateways listen just now, and whether the log is away behind them: then nothing can be kept."""

    random: Random
    addresses: list[str] = field(default_factory=list)
    dark: bool = False

    def pick(self) -> str | None:
        return self.random.choice(self.addresses) if self.addresses else None


@dataclass
class Caller:
    """One system."""

    name: str
    mode: Mode
    bearer: str
    doors: Doors
    said: list[Said] = field(default_factory=list)
    #: Requests that were answered as unavailable, and those that broke off without an answer.
    unavailable: int = 0
    broken: int = 0
    kept: int = 0
    complaints: list[str] = field(default_factory=list)
    _leaving: bool = False

    def leave(self) -> None:
        """Say nothing new; what was begun goes on until it is kept."""
        self._leaving = True

    async def run(self) -> None:
        """Talk until told to leave."""
        timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
        headers = {"Authorization": f"Bearer {self.bearer}", "Content-Type": self.mode}
        async with aiohttp.ClientSession(timeout=timeout, headers=headers) as session:
            while not self._leaving:
                waiting = [self._next() for _ in range(SIZES[self.mode])]
                while waiting:
                    await self._sent(session, waiting)
                    waiting = [each for each in waiting if not each.events]

    def _next(self) -> Said:
        number = len(self.said)
        name = f"{self.name}-{number}"
        self.said.append(Said(name, registered(name, f"own:{name}", details=f"somebody, {number}")))
        return self.said[-1]

    async def _sent(self, session: aiohttp.ClientSession, said: list[Said]) -> None:
        known = {each.id: each for each in said}
        await asyncio.sleep(PAUSE_S)
        address, dark = self.doors.pick(), self.doors.dark
        if address is None:
            return
        for each in said:
            each.attempts += 1
        try:
            async with session.post(f"{address}/v1/events", data=self._body(said)) as answer:
                async for told in _rows(answer):
                    self._heard(known, told)
                    if dark and self.doors.dark and told.get("ok"):
                        self.complaints.append(f"{self.name} was told that something is kept while the log was away")
        except TimeoutError:
            self.complaints.append(f"{self.name} was not answered")
        except aiohttp.ClientError:
            self.broken += 1

    def _body(self, said: list[Said]) -> bytes:
        rows = [each.row for each in said]
        return b"[" + b",".join(rows) + b"]" if self.mode is Mode.BATCH else b"\n".join(rows)

    def _heard(self, known: dict[str, Said], told: dict[str, Any]) -> None:
        """Note one row's end, or the whole request's."""
        if told.get("code") == "log-unavailable":
            self.unavailable += "row" not in told
        elif not told.get("ok") or told.get("id") not in known:
            self.complaints.append(f"{self.name} was told {told.get('status')} {told.get('code')}")
        else:
            self.kept += 1
            said = known[told["id"]]
            said.events.add(told["event"])
            said.receipts |= {told["receipt"]} if "receipt" in told else set()


async def _rows(answer: aiohttp.ClientResponse) -> AsyncIterator[dict[str, Any]]:
    """Yield each row's end as it comes, then the problem of the whole if there is one."""
    if answer.content_type == Mode.STREAM:
        async for line in answer.content:
            yield orjson.loads(line)
        return
    told = orjson.loads(await answer.read())
    for each in told.get("results", ()):
        yield each
    if "results" not in told or not answer.ok:
        yield {name: value for name, value in told.items() if name != "results"}
