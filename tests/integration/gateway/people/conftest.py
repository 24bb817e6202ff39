"""A gateway that people reach, with somebody of the clinic who can sign in."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from services.gateway.parts import Parts, opened
from services.runtime.settings import Settings
from tests.support import people
from tests.support.admitting import BACKBONE, REGISTRAR, SECOND, codes, registrar, said
from tests.support.people import csrf, sign_in


@pytest.fixture
def settings(begun: Settings) -> Settings:
    """A deployment that was just founded, whose mails go into a folder."""
    return replace(begun, public_url=people.PUBLIC, smtp="folder")


@pytest.fixture
async def parts(settings: Settings) -> AsyncIterator[Parts]:
    """The gateway's parts, with an initiative and a person of the clinic."""
    async with opened(settings) as made:
        await people.add(settings)
        yield made


@pytest.fixture
async def registrars(parts: Parts, settings: Settings, browser: httpx.AsyncClient, other: httpx.AsyncClient) -> None:
    """The two registrars of the backbone, signed in and acting as such: the first in `browser`."""
    row = said("partner.role_assigned", "second", {"person_id": SECOND, "role": "registrar"}, subject=BACKBONE)
    assert codes(await parts.admission.admit(registrar, [row])) == [None]
    for each, email, person in ((browser, "one@together.example", REGISTRAR), (other, "two@together.example", SECOND)):
        await people.add(settings, email, person, BACKBONE)
        await sign_in(each, settings, email)
        acted = await each.put("/v1/me", json={"acting": "registrar"}, headers=await csrf(each))
        assert acted.json()["acting"] == "registrar", acted.text
