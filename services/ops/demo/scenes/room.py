"""The weekly mail: what a service said of its room, and one tap that says it still holds."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.notifications.weekly.book import Book
from services.notifications.weekly.schedule import WEEK, monday
from services.ops.demo.scenes.block import Block, sure
from services.ops.demo.scenes.desk import Desk
from services.ops.demo.scenes.house import House
from services.ops.demo.world import INITIATIVE, ZONE
from services.ops.zone import zone_named
from services.runtime.roles import Role
from services.runtime.store import connect

TITLE = "How much room there is, once a week"
HELPER, ADDRESS = "cedar-transport", "desk@cedar-transport.example"
#: What the directory says of it.
Room = dict[str, Any]


async def begun(house: House) -> None:
    """Have the helper mailed, as if its week had come; the processor that mails looks every few seconds."""
    helper = await house.desk(HELPER)
    put = await helper.door.put("/v1/me/address", json={"email": ADDRESS})
    sure(put.is_success, TITLE, f"the address was answered {put.status_code}")
    now = datetime.now(UTC)
    week = monday(now, zone_named(ZONE)) - WEEK
    async with await connect(
        house.settings.postgres, application="manyhands-demo-weekly", role=Role.NOTIFICATIONS, size=1
    ) as pool:
        book = Book(pool)
        # The first week that an initiative has is left out, and this one is its second.
        await book.begin(INITIATIVE, week - WEEK, {}, now)
        mails = await book.begin(INITIATIVE, week, {HELPER: [helper.partner.service.id]}, now)
    sure(mails == 1, TITLE, f"{mails} mails were written")


async def play(house: House) -> Block:
    """Look at the mail's page, and tap.  Raises DemoFailed."""
    helper, browser = await house.desk(HELPER), await house.browser()
    mail = await house.mails.take(ADDRESS, holding=f"{house.url}/w/")
    path = mail.partition(house.url)[2].split()[0]
    before = await _room(helper)
    for _ in range(3):
        page = await browser.open(path)
    looked = await _room(helper)
    thanks = await browser.press(page, path)
    return told(mail, thanks.texts("h1")[0], (before, looked, await _room(helper)))


def told(mail: str, thanks: str, rooms: tuple[Room, Room, Room]) -> Block:
    """Return what the directory said before, once it was looked at, and after the tap.  Raises DemoFailed."""
    before, looked, after = rooms
    sure(looked == before, TITLE, "looking changed what the directory says")
    same = all(after[name] == before[name] for name in ("status", "available", "maximum", "unit"))
    sure(same and _said(after) > _said(before), TITLE, f"the tap left {after}")
    age = timedelta(seconds=round((_said(after) - _said(before)).total_seconds()))
    return Block(
        TITLE,
        (
            ("mail", f"to {ADDRESS}: “{' '.join(mail.split())[:60]} …”"),
            ("GET, three times", f"shows {before['available']} of {before['maximum']} places, and changes nothing"),
            ("one tap", f"“{thanks}”: no account and no code"),
            ("the directory", f"says the same, {age} newer: whoever makes an offer sees how old it is"),
        ),
    )


async def _room(helper: Desk) -> Room:
    [service] = (await helper.get(f"/v1/partners/{HELPER}"))["services"]
    said: Room = service["capacity"]
    return {name: value for name, value in said.items() if name != "age_hours"}


def _said(room: Room) -> datetime:
    return datetime.fromisoformat(room["reported"])
