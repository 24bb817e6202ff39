"""A registrar of the backbone, signed in: says who takes part, and decides with a second one."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from services.ops import doorway
from services.ops.demo.scenes.browser import Browser
from services.ops.demo.scenes.desk import WAIT_S
from services.ops.demo.scenes.house import House
from services.ops.demo.scenes.refusal import answered
from services.ops.demo.scenes.signin import signed_in
from services.ops.demo.world import BACKBONE

SECOND = "second-registrar@riverbend-together.example"


@dataclass(frozen=True)
class Registrar:
    """Somebody who acts as registrar in this browser."""

    browser: Browser
    proof: dict[str, str]

    async def say(self, name: str, subject: str, **data: Any) -> None:
        """Say an event of the initiative's.  Raises Told when it is turned away."""
        row = {"type": name, "id": str(uuid4()), "subject": subject, "time": datetime.now(UTC).isoformat()}
        await self._post("/v1/events", {**row, "data": data}, wait=WAIT_S)

    async def approve(self, request: str) -> str:
        """Approve that two ids be linked, and return how the request stands.  Raises Told."""
        told = await self._post(f"/v1/client-links/{request}/approve", None)
        return str(told["state"])

    async def approve_by_page(self, request: str) -> str:
        """Do so on the request's page, and return how it says there that it stands.  Raises DemoFailed."""
        place = f"/one-person/{request}"
        page = await self.browser.press(await self.browser.open(place), f"{place}/approve")
        return page.term("How it stands")

    async def _post(self, place: str, said: object, **asked: int) -> dict[str, Any]:
        door: httpx.AsyncClient = self.browser.client
        return answered(await door.post(place, json=said, params=asked, headers=self.proof))


async def registrars(house: House) -> tuple[Registrar, Registrar]:
    """Return the first registrar, and a second one whom the first named.  Raises DemoFailed, or Told."""
    first = await _acting(house, doorway.REGISTRAR, house.registrar)
    person = str(uuid4())
    await first.say("partner.role_assigned", BACKBONE, person_id=person, role="registrar")
    return first, await _acting(house, SECOND, person)


async def _acting(house: House, email: str, person: str) -> Registrar:
    await house.let_in(BACKBONE, email, person)
    browser = await signed_in(house, email)
    await browser.press(await browser.open("/me"), "/me/acting", acting="registrar")
    me = answered(await browser.client.get("/v1/me"))
    return Registrar(browser, {"X-CSRF-Token": me["csrf"]})
