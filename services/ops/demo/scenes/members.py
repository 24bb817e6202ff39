"""An offer to all of a class, and what each of its members sees of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from services.ops.demo.scenes.desk import Desk, Offered
from services.ops.demo.scenes.feed import heard
from services.ops.demo.scenes.house import SENDER, House
from services.ops.demo.scenes.refusal import Told
from services.ops.errors import DemoFailed

#: What each member sees of the referral; nothing where it does not see it.
Seen = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Class:
    """Partners of one kind, by their names, and the need that they meet."""

    need: str
    names: tuple[str, ...]

    async def asked(
        self,
        house: House,
        person: tuple[str, str],
        details: str,
        when: datetime | None = None,
        respond_by: datetime | None = None,
    ) -> Offered:
        """Ask all of them to help the person, who is named by the sender's number and in clear, sealed."""
        sender, (own, name) = await house.desk(SENDER), person
        await sender.know(own, name, [house.partner(each) for each in self.names], when)
        asked = await sender.need(own, self.need, details, when)
        await sender.ask(asked, own, {"to_class": self.need, "service_id": str(uuid4())}, when, respond_by)
        return asked

    async def seen(self, house: House, asked: Offered) -> Seen:
        """Return what each of them sees.  Raises DemoFailed when one is told that it may not see what there is."""
        return {name: await _seen(await house.desk(name), asked) for name in self.names}

    async def heard(self, house: House, asked: Offered, kind: str, but: str) -> Mapping[str, str]:
        """Return what the feed of each but one says last, once that is this or it took too long."""
        others = [name for name in self.names if name != but]
        return {name: await heard(await house.desk(name), asked, kind) for name in others}


async def _seen(member: Desk, asked: Offered) -> Mapping[str, Any]:
    try:
        return await member.get(f"/v1/referrals/{asked.referral}")
    except Told as refused:
        if refused.status != 404:
            raise DemoFailed(f"{member.partner.id} was answered {refused}") from None
        return {}
