"""Every caller, every kind of referral, every way of reading it: who gets what, and what is on record afterwards."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from itertools import product
from typing import Any

import httpx
import orjson
import pytest

from events.topics import DISCLOSURES
from services.gateway.app import make
from services.gateway.parts import Parts
from services.runtime import log
from tests.support import classes, doors
from tests.support.admitting import BACKBONE, CLINIC, NEWCOMER, REGISTRAR, SHELTER
from tests.support.events import ident
from tests.support.reading import COORDINATOR, NAME, agreed, answered, asked, erased, referred, revoked, tell

Doors = Mapping[str, httpx.AsyncClient]
#: A consent that names the coordinator's partner too; only "unnamed" leaves it out.
NAMED = {"recipients": {"partners": [SHELTER, BACKBONE]}}
BEDS = {"service_id": ident("beds")}
PARTNERS = {
    "clinic": CLINIC,
    "shelter": SHELTER,
    "newcomer": NEWCOMER,
    # Two of the class, and one of it whom the person left out.
    "pantry": classes.PANTRY,
    "kitchen": classes.KITCHEN,
    "larder": classes.LARDER,
}
STAFF = {f"{name}'s person": (partner, ident(f"person of {name}")) for name, partner in PARTNERS.items()}
WAYS = {"status": "", "timeline": "/timeline", "sealed": "/sealed"}
#: What was asked of a class: nobody claimed it, one of it did, and the person took their consent back.
OF_CLASS = ("unclaimed", "claimed", "over")
OBJECTS = ("unsent", "open", "accepted", "unnamed", "revoked", "protected", "erased", *OF_CLASS, "unknown")


async def _objects(parts: Parts, all_doors: Doors) -> dict[str, str]:
    clinic, shelter = all_doors["clinic"], all_doors["shelter"]
    made: dict[str, str] = {"unknown": ident("no such referral")}
    for name in OBJECTS:
        if name in OF_CLASS or name in made:
            continue
        terms: dict[str, Any] = {} if name == "unnamed" else NAMED
        await agreed(clinic, name, **terms)
        if name == "unsent":
            made[name] = await asked(clinic, name)
            continue
        made[name] = await referred(clinic, name, **(BEDS if name == "protected" else {}))
        if name != "open":
            await tell(shelter, answered("offer_accepted", name, made[name]))
    await tell(clinic, revoked("revoked"))
    await erased(parts, "erased")
    return made | await _of_class(parts, clinic, all_doors["pantry"])


async def _of_class(parts: Parts, clinic: httpx.AsyncClient, pantry: httpx.AsyncClient) -> dict[str, str]:
    await classes.prepared(parts.admission)
    made: dict[str, str] = {}
    for name in OF_CLASS:
        await classes.agreed(clinic, name)
        made[name] = await classes.opened(clinic, name)
    await tell(pantry, classes.claim(classes.PANTRY, "claimed", made["claimed"]))
    await tell(clinic, revoked("over"))
    return made


@pytest.fixture
async def all_doors(parts: Parts) -> AsyncIterator[Doors]:
    """Everybody at the door."""
    app = make(parts)
    async with AsyncExitStack() as stack:
        bearers = {name: await doors.token(parts, partner) for name, partner in PARTNERS.items()}
        bearers |= {name: await doors.token(parts, *who) for name, who in STAFF.items()}
        bearers["coordinator"] = await doors.token(parts, BACKBONE, COORDINATOR)
        bearers["registrar"] = await doors.token(parts, BACKBONE, REGISTRAR)
        bearers["narrow"] = await doors.token(parts, CLINIC, scopes=["codes.read"])
        found = {name: await stack.enter_async_context(doors.client(app, text)) for name, text in bearers.items()}
        yield found | {"stranger": await stack.enter_async_context(doors.client(app))}


def expected(who: str, what: str, way: str) -> tuple[int, str | None]:
    """Return status and code, worked out from who the caller is to the referral."""
    match who.removesuffix("'s person"):
        case "stranger":
            return 401, "unauthenticated"
        case "narrow" | "registrar":
            return 403, "forbidden"
        case "clinic" if what != "unknown":
            return (410, "erased") if (what, way) == ("erased", "sealed") else (200, None)
        case "pantry" if what == "claimed":
            return 200, None
        case "pantry" | "kitchen" if what == "unclaimed":
            return (403, "not-yet-claimed") if way == "sealed" else (200, None)
        case "shelter" if what not in ("unknown", "unsent", *OF_CLASS):
            return _shared(what) if way == "sealed" else (200, None)
        case "coordinator" if what in ("open", "accepted"):
            return _shared(what) if way == "sealed" else (200, None)
        case _:
            return 404, "not-found"


def _shared(what: str) -> tuple[int, str | None]:
    closed = {"open": (403, "not-yet-claimed"), "revoked": (403, "not-in-force"), "erased": (410, "erased")}
    return closed.get(what, (200, None))


async def _disclosed(parts: Parts) -> int:
    spans = await log.spans(parts.settings, [DISCLOSURES])
    records = [each async for _, batch in log.read(parts.settings, spans) for each in batch]
    return sum(orjson.loads(each.value or b"")["type"].endswith("disclosure.opened.v1") for each in records)


async def test_everybody_gets_what_they_are_entitled_to(told: Parts, all_doors: Doors) -> None:
    objects = await _objects(told, all_doors)
    wrong: list[tuple[str, str, str, int, str | None]] = []
    due = 0
    for (who, door), what, way in product(all_doors.items(), OBJECTS, WAYS):
        answer = await door.get(f"/v1/referrals/{objects[what]}{WAYS[way]}")
        found = (answer.status_code, answer.json().get("code") if answer.status_code != 200 else None)
        if found != expected(who, what, way):
            wrong.append((who, what, way, *found))
        assert (NAME in answer.text) == (way == "sealed" and found[0] == 200)
        due += _goes_on_record(who, way, found[0])
    assert wrong == []
    assert await _disclosed(told) == due


def _goes_on_record(who: str, way: str, status: int) -> int:
    """Say how often a look stands on record: a person's does, and sealed text that is opened for anybody."""
    if status != 200:
        return 0
    if way == "sealed":
        return 1
    return int(who.endswith("person") or who == "coordinator")


async def test_lists_hold_what_one_takes_part_in(told: Parts, all_doors: Doors) -> None:
    objects = await _objects(told, all_doors)
    names = {referral: what for what, referral in objects.items()}
    for who, door in all_doors.items():
        answer = await door.get("/v1/referrals")
        listed = {names[each["id"]] for each in answer.json().get("referrals", ())}
        assert listed == {what for what in OBJECTS if expected(who, what, "status")[0] == 200}, who
