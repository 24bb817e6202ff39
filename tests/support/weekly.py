"""The weekly mail about room: sent, read, and answered through its link."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import orjson

from events.topics import ALL, INITIATIVES
from services.admission.directory import Directory
from services.gateway.parts import Parts
from services.notifications.posting import post_of
from services.notifications.telemetry import Mailing
from services.notifications.weekly import sending
from services.notifications.weekly.schedule import Schedule
from services.notifications.weekly.sending import Weekly
from services.runtime import log
from services.runtime.settings import Settings
from tests.support import doors
from tests.support.admitting import CLINIC, records
from tests.support.events import ident
from tests.support.mailbox import Mailbox
from tests.support.people import proof
from tests.support.reading import MEALS

WEEK = timedelta(days=7)
SOUP = ident("soup")
_LINK = re.compile(r"https://door\.example(/w/[A-Za-z0-9_-]{43})\s")
_SHOWN = re.compile(r'name="shown" value="([0-9a-f]{64})"')


def schedule() -> Schedule:
    """Return one whose mail was due two hours ago, longer than the clocks ever move."""
    due = datetime.now(UTC).astimezone(ZoneInfo("America/Chicago")) - timedelta(hours=2)
    return Schedule(due.weekday(), due.time().replace(second=0, microsecond=0))


@asynccontextmanager
async def sender(settings: Settings, behind: timedelta = timedelta(0)) -> AsyncIterator[Weekly]:
    """Give what sends weekly mails, with a clock that is so far behind."""
    post = post_of(settings)
    assert post is not None
    async with Directory(settings) as directory, sending.opened(settings, directory, post, Mailing()) as made:
        yield Weekly(made, schedule(), lambda: datetime.now(UTC) - behind)


async def drained(work: Weekly) -> None:
    while await work.once():
        pass


async def mailed(settings: Settings, box: Mailbox) -> str:
    """Have this week's mail sent, after a week in which nobody was mailed, and return the path of its link."""
    for behind in (WEEK, timedelta(0)):
        async with sender(settings, behind) as work:
            await drained(work)
    return path(box)


def path(box: Mailbox) -> str:
    body = box.mails[-1].get_body(("plain",))
    assert body is not None
    link = _LINK.search(str(body.get_content()))
    assert link is not None
    return link[1]


async def tapped(browser: httpx.AsyncClient, place: str, page: httpx.Response) -> httpx.Response:
    """Press the page's one button."""
    shown = _SHOWN.search(page.text)
    assert shown is not None, page.text
    return await browser.post(place, data={"csrf": proof(page), "shown": shown[1]})


async def reports(settings: Settings) -> list[dict[str, Any]]:
    """Return what was reported of room through a link, as it stands on the log."""
    all_ = [orjson.loads(each.value or b"{}") for each in await records(settings, INITIATIVES)]
    return [
        each
        for each in all_
        if each["type"].endswith("capacity_reported.v1") and each["data"]["admitted"]["door"] == "link"
    ]


async def ends(settings: Settings) -> Sequence[Any]:
    return sorted(str(each) for each in (await log.spans(settings, ALL)).items())


async def room(parts: Parts, service: str = MEALS) -> dict[str, Any]:
    """Return what the directory says of a service's room."""
    async with doors.partner(parts, CLINIC) as door:
        told = (await door.get("/v1/services")).json()["services"]
    return next(each["capacity"] for each in told if each["id"] == service)
