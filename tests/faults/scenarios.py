"""What may happen to workers; each scenario returns what it has to complain about afterwards."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from random import Random

from services.runtime.settings import Settings
from tests.faults.arena import Arena
from tests.faults.broken import BREAKS
from tests.faults.people import LIVE, PARTNERS, Person
from tests.faults.traffic import Sent, as_bytes
from tests.faults.workers import SOUND, Worker, placed, worker
from tests.support.wait import until

#: Records told before each worker that is to be killed.
BURST = 100


async def settled(arena: Arena, timeout: float = 60) -> list[str]:
    """Return what is wrong once everything is folded, or that it never is."""
    try:
        await arena.caught_up(timeout=timeout)
    except AssertionError as late:
        return [str(late), *await arena.complaints()]
    stands, ends = await arena.positions(), {number: end for number, end in (await arena.ends()).items() if end}
    return await arena.complaints() + ([f"folded to {stands} of {ends}"] if stands != ends else [])


async def killed(arena: Arena, random: Random, times: int, kind: str = SOUND, patience: float = 60) -> list[str]:
    """Kill two workers again and again under load: most times amid folding, some while they start."""
    few = replace(arena.settings, batch=5)
    pair = [replace(few, instance=name) for name in ("one", "two")]
    async with arena.load(60):
        await asyncio.gather(*(_killed_again(arena, random, times // 2, each, kind) for each in pair))
    async with worker(pair[0], kind), worker(pair[1], kind):
        return await settled(arena, patience)


async def killed_side_by_side(arenas: Mapping[str, Arena], random: Random, times: int) -> list[str]:
    """Kill a worker of each service again and again, all of them under the same load."""
    alone = {kind: replace(arena.settings, batch=5, instance=kind.rpartition(".")[2]) for kind, arena in arenas.items()}
    async with next(iter(arenas.values())).load(60):
        await asyncio.gather(
            *(_killed_again(arena, random, times, alone[kind], kind) for kind, arena in arenas.items())
        )
    async with AsyncExitStack() as stack:
        for kind, settings in alone.items():
            await stack.enter_async_context(worker(settings, kind))
        return [f"{kind}: {wrong}" for kind, arena in arenas.items() for wrong in await settled(arena)]


async def _killed_again(arena: Arena, random: Random, times: int, settings: Settings, kind: str) -> None:
    for _ in range(times):
        await arena.say(BURST)
        async with worker(settings, kind) as victim:
            await _at_random(arena, random, victim)
            await victim.kill()


async def _at_random(arena: Arena, random: Random, victim: Worker) -> None:
    if random.random() < 0.25:
        await asyncio.sleep(random.uniform(0, 1.5))
        return
    target = await arena.folded() + random.randrange(1, BURST)

    async def reached() -> bool:
        return victim.ended or await arena.folded() >= target

    await until(reached, 60)


async def frozen(arena: Arena, random: Random) -> tuple[list[str], int]:
    """Freeze one of two workers until the other has all partitions, thaw it; then the other way round."""
    async with worker(arena.settings) as one, worker(arena.settings) as two:
        await until(lambda: _owned([one, two], 2), 60)
        async with arena.load(300):
            for sleeper, other in ((one, two), (two, one)):
                await arena.say(10 * BURST)
                await asyncio.sleep(random.uniform(0, 0.1))
                sleeper.freeze()
                await until(partial(other.owns, 4), 60)
                await arena.say(BURST)
                sleeper.thaw()
                await until(lambda: _owned([one, two], 2), 60)
        return await settled(arena), await _fences(one, two)


async def _fences(*workers: Worker) -> int:
    return sum([await each.counted("fences") for each in workers])


async def _owned(workers: list[Worker], count: int) -> bool:
    return all([await each.owns(count) for each in workers])


async def haunted(arena: Arena, kind: str = SOUND, other: str = "zombie") -> tuple[list[str], int]:
    """Let a worker of another group write the same build all the time."""
    async with worker(arena.settings, kind) as one, worker(arena.settings, other) as two:
        async with arena.load(400):
            await placed(one, two)
            start = await arena.folded()

            async def moved() -> bool:
                return await arena.folded() > start + 1500

            await until(moved, 60)
        return await settled(arena), await _fences(one, two)


async def replaced(arena: Arena, kind: str = SOUND) -> list[str]:
    """Make the topic anew and longer than it was, under a worker that comes back."""
    await arena.say(400)
    async with worker(arena.settings, kind):
        await arena.caught_up()
    arena.before = await arena.read()
    stood = await arena.positions()
    await arena.recreate()
    await arena.say(1200)
    async with worker(arena.settings, kind) as back:
        return await noticed(arena, back, stood)


async def noticed(arena: Arena, back: Worker, stood: dict[int, int]) -> list[str]:
    """Return what is wrong unless every partition is stopped where it stood, for a log that is another."""

    async def told() -> bool:
        return back.ended or len(await back.stopped()) == len(stood) or await arena.positions() != stood

    await until(told, 60)
    return await arena.complaints()


async def faulty(arena: Arena, number: int, kind: str = "faulty", patience: float = 60) -> list[str]:
    """Bring a fault in a rule out in this partition; a second worker joins and leaves; the others must go on."""
    async with worker(arena.settings, kind) as first, arena.load(100):
        await placed(first)
        await arena.publish(_breaking(arena, number))
        try:
            await until(first.stopped, patience, "the partition is named as stopped")
            await _joined(arena, first, kind)
            await arena.say(BURST)
            await arena.caught_up([number])
        except AssertionError as late:
            return [str(late)]
        if await first.stopped() != {number: "rule-failed"}:
            return [f"stopped are {await first.stopped()}"]
    if b"Exception in callback" in (arena.settings.home / "workers.log").read_bytes():
        return ["a callback failed"]
    return await arena.complaints()


async def _joined(arena: Arena, first: Worker, kind: str) -> None:
    async with worker(arena.settings, kind) as second:
        await until(lambda: _owned([first, second], 2), 60)
        await arena.say(BURST)
        await second.leave()
    await until(lambda: first.owns(4), 60)


def _breaking(arena: Arena, number: int) -> list[Sent]:
    """Return a client's first words and the need that the faulty rule cannot take."""
    pick = arena.traffic.random
    person = Person(pick, arena.traffic.resident(number), PARTNERS[0], None, LIVE)
    need = person.requested()
    need["data"]["need"]["code"] = BREAKS
    return [Sent(person.key.encode(), as_bytes(event), number) for event in (person.registered(), need)]
