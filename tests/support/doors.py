"""The HTTP door over a real log, for tests: parts, callers with tokens, and requests in few words."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from projections.referral import REFERRAL
from services.gateway.access import Action
from services.gateway.app import make
from services.gateway.parts import Parts
from services.gateway.tokens import Holder
from services.runtime.processor import Processor
from services.runtime.settings import Settings
from tests.support.events import INITIATIVE
from tests.support.wait import until

ALL = frozenset(each.value for each in Action)


async def token(
    parts: Parts, partner: str, person: str | None = None, scopes: Iterable[str] = ALL, initiative: str = INITIATIVE
) -> str:
    """Return a token that was just issued to the partner."""
    return (await parts.tokens.issue(Holder(initiative, partner, person, frozenset(scopes)))).text


@asynccontextmanager
async def client(app: FastAPI, bearer: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client that speaks to the application in this process; the application's failures are answers."""
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://door", headers=headers) as made:
        yield made


@asynccontextmanager
async def partner(parts: Parts, name: str, person: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client that speaks for the partner with every scope."""
    async with client(make(parts), await token(parts, name, person)) as made:
        yield made


@asynccontextmanager
async def folding(settings: Settings) -> AsyncIterator[Processor]:
    """Fold the cases in this process while the block runs."""
    processor = Processor(REFERRAL, settings)
    task = asyncio.create_task(processor.run())
    try:
        await until(lambda: task.done() or processor.health().ready)
        assert not task.done(), task.result()
        yield processor
    finally:
        processor.stop()
        await task
