"""Staff of partners at their pages, for tests: who they are, and a referral on its way in few words."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType

from fastapi import FastAPI

from services.gateway.parts import Parts
from services.runtime.settings import Settings
from tests.support import people
from tests.support.admitting import BACKBONE, CLINIC, NEWCOMER, REFUGE, REGISTRAR, SHELTER
from tests.support.events import ident
from tests.support.reading import NAME
from tests.support.surfing import Page, Surfer

#: One person of each partner, by the random id that the log has of them.
STAFF = MappingProxyType(
    {
        CLINIC: ident("ada"),
        SHELTER: ident("bo"),
        NEWCOMER: ident("cy"),
        REFUGE: ident("di"),
        BACKBONE: REGISTRAR,
    }
)
#: A need as it is typed, with a name that must stand in no page but where it is opened.
NEED: Mapping[str, str | bool] = MappingProxyType(
    {
        "Your number for the person": "4711",
        "What is needed": "A bed for tonight",
        "Where": "North",
        "Soon": True,
        "What they should know": f"{NAME}, 555-0173",
    }
)
#: What is said of a consent.
AGREED: Mapping[str, str | bool] = MappingProxyType(
    {
        "The person was told what is shared, with whom and what for, and agreed": True,
        "How they agreed": "Read out and agreed to, with a witness",
        "The person, who is of age": True,
        "No": True,
    }
)
MEALS = "Shelter: Help; room: nobody said"
BEDS = "Shelter: Beds; room: nobody said; a protected programme: only a consent that names it carries somebody there"
ROOMS = "Newcomer: Help; room: nobody said"
ON, SEND = "Go on", "Send the referral"


async def prepared(settings: Settings) -> None:
    """Let one person of each partner sign in."""
    for partner, person in STAFF.items():
        await people.add(settings, f"one@{partner}.example", person, partner)


@asynccontextmanager
async def surfer(app: FastAPI, parts: Parts, partner: str) -> AsyncIterator[Surfer]:
    """Give a browser in which the partner's person is signed in."""
    async with people.browser(app) as browser:
        text = await parts.people.sessions.open(STAFF[partner])
        browser.cookies.set("__Host-session", text, domain="door.example")
        yield Surfer(browser)


async def previewed(who: Surfer, need: Mapping[str, str | bool] = NEED, service: str = MEALS) -> Page:
    """Go through the steps of a new referral until it can be looked at."""
    page = await who.press(await who.open("/refer"), ON, need)
    page = await who.press(page, ON, {service: True})
    return await who.press(page, ON, AGREED)


async def referred(who: Surfer, need: Mapping[str, str | bool] = NEED, service: str = MEALS) -> Page:
    """Send a new referral and return its page."""
    return await who.press(await previewed(who, need, service), SEND)
