"""A gateway in a process of its own, with partners, while everything they say is folded."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from projections.communication import COMMUNICATION
from projections.disclosure import DISCLOSURE
from projections.measurement import MEASUREMENT
from projections.referral import REFERRAL
from services.gateway.parts import opened
from services.runtime import log
from services.runtime.settings import Settings
from tests.faults.callers import Doors
from tests.faults.gates import SOUND, Gate, Yard
from tests.support import doors
from tests.support.admitting import BACKBONE, CLINIC, REGISTRAR, found


@dataclass(frozen=True)
class Target:
    """What is asked, and tokens to ask it with: a partner's system's and a registrar's."""

    gate: Gate
    system: str
    registrar: str


@asynccontextmanager
async def targeted(settings: Settings, module: str = SOUND) -> AsyncIterator[Target]:
    """Give a gateway with these settings, over topics that it makes."""
    await log.create_topics(settings)
    async with opened(settings) as parts:
        await found(parts.admission)
        system, registrar = await doors.token(parts, CLINIC), await doors.token(parts, BACKBONE, REGISTRAR)
    yard = Yard(settings, system, Random(1), Doors(Random(1)))
    async with AsyncExitStack() as stack:
        for each in (REFERRAL, COMMUNICATION, DISCLOSURE, MEASUREMENT):
            await stack.enter_async_context(doors.folding(settings, each))
        gate = await stack.enter_async_context(yard.gate(module))
        await yard.opened(gate)
        yield Target(gate, system, registrar)


def unlimited(home: Path, kafka: str, postgres: str, topic_prefix: str = "") -> Settings:
    """Return settings under which nobody asks too often: what is tried is what lies behind."""
    return Settings(
        home,
        kafka,
        postgres,
        topic_prefix=topic_prefix,
        partitions=3,
        gateway_port=0,
        limit_caller=0,
        limit_address=0,
        limit_failures=0,
        limit_signins=0,
    )
