"""Erasing a client: asked for by a partner, approved by two persons, done after a waiting period.

The event goes first: once `client.erased` is on the log every fold clears what it holds, and only then is the
key destroyed.  A run that dies in between says the same event again, which counts as a duplicate.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from events.authority import SYSTEM, VAULT
from services.admission.admission import Admission
from services.admission.caller import System
from services.admission.standing import Standing
from services.admission.wiring import opened
from services.runtime.errors import Fault
from services.runtime.roles import Role
from services.runtime.settings import Settings
from services.runtime.store import connect
from services.vault.certificate import certify
from services.vault.erasures import Erasure, Erasures
from services.vault.secrets import Secrets
from services.vault.vault import Vault


class ErasureUnknown(Fault):
    """There is no such erasure."""

    code = "not-found"
    hint = "`manyhands erase list` shows the certificates of all erasures."


class ClientUnknown(Fault):
    """The partner has no name for such a client; an erased one has lost all names."""

    code = "not-found"
    hint = "Say the client as the partner does: own:<id>, or the alias it was given."


class ApproverUnfit(Fault):
    """This person may not approve or hold erasures."""

    code = "not-authorised"
    hint = "Registrars and coordinators of the backbone approve them, two for each."


class ErasureBegun(Fault):
    """The erasure has begun and cannot be held back."""

    code = "erasure-begun"
    hint = "`manyhands erase list` shows how far it is; a hold keeps only what is not begun."


class ErasureRefused(Fault):
    """Admission did not take client.erased, so no key was destroyed."""

    code = "erasure-refused"
    hint = "Run it again when the cause is gone: what was begun goes on."


def _now() -> datetime:
    return datetime.now(UTC)


class Erasing:
    """The steps of an erasure, from the asking to the certificate."""

    def __init__(
        self,
        admission: Admission,
        vault: Vault,
        erasures: Erasures,
        secrets: Secrets,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._admission = admission
        self._vault = vault
        self._erasures = erasures
        self._secrets = secrets
        self._clock = clock

    async def ask(self, initiative: str, partner: str, name: str) -> str:
        """Open an erasure of the client whom the partner calls `name`; return its certificate's id."""
        client = await self._client(initiative, partner, name)
        return await self._erasures.ask(initiative, client, partner, self._clock())

    async def approve(self, certificate: str, person: str) -> Erasure:
        """Let it happen as one of two persons.  Raises ApproverUnfit, and SamePerson for the first one again."""
        erasure = await self.find(certificate)
        standing = self._entitled(erasure.initiative, person)
        await self._erasures.approve(erasure, person, self._clock() + timedelta(days=standing.erasure_wait))
        return await self.find(certificate)

    async def hold(self, initiative: str, partner: str, name: str, person: str) -> None:
        """Keep a client from being erased, for a duty to keep.

        Raises ErasureBegun when that comes too late, and ApproverUnfit.
        """
        self._entitled(initiative, person)
        client = await self._client(initiative, partner, name)
        if not await self._erasures.hold(initiative, client, person, self._clock()):
            raise ErasureBegun("client.erased may be on the log already")

    async def release(self, initiative: str, partner: str, name: str, person: str) -> None:
        """End the duty to keep; an erasure that was approved goes on.  Raises ApproverUnfit."""
        self._entitled(initiative, person)
        client = await self._client(initiative, partner, name)
        await self._erasures.release(initiative, client, person, self._clock())

    async def all(self) -> list[Erasure]:
        """Return every erasure, the one asked for first before the others."""
        return await self._erasures.all()

    async def find(self, certificate: str) -> Erasure:
        """Return one erasure.  Raises ErasureUnknown."""
        for erasure in await self._erasures.all():
            if erasure.certificate == certificate:
                return erasure
        raise ErasureUnknown("no erasure has this certificate")

    async def run(self) -> AsyncIterator[dict[str, Any]]:
        """Do what is due, and go on with what was begun; yield a certificate for each.

        Raises ErasureRefused when the log does not take an event; its key is not destroyed then.
        """
        now = self._clock()
        for erasure in await self._erasures.all():
            if erasure.is_due(now):
                begun = await self._erasures.begin(erasure, now)
                if begun is not None:
                    await self._erase(replace(erasure, begun_at=begun))
                    yield self.certificate(await self.find(erasure.certificate))

    def certificate(self, erasure: Erasure) -> dict[str, Any]:
        """Return the signed certificate of an erasure that is done."""
        return certify(self._secrets.certificates, erasure)

    async def _erase(self, erasure: Erasure) -> None:
        caller = System(erasure.initiative, VAULT.removeprefix(SYSTEM))
        [result] = await self._admission.admit(caller, [said(erasure)])
        if result.problem is not None:
            raise ErasureRefused(f"{result.problem.code} for the certificate {erasure.certificate}")
        await self._vault.destroy(erasure.initiative, erasure.client)
        await self._erasures.done(erasure, self._clock())

    def _entitled(self, initiative: str, person: str) -> Standing:
        standing = self._admission.standing(initiative)
        if person not in standing.registrars | standing.coordinators:
            raise ApproverUnfit("this person is no registrar or coordinator of the backbone")
        return standing

    async def _client(self, initiative: str, partner: str, name: str) -> str:
        found = await self._vault.find(initiative, partner, [name])
        if name not in found:
            raise ClientUnknown("the partner knows nobody by this name")
        return found[name]


def said(erasure: Erasure) -> bytes:
    """Return the event as the vault says it: the same bytes whenever it is said again."""
    if erasure.begun_at is None:
        raise ValueError("the erasure has not begun")
    return orjson.dumps(
        {
            "id": erasure.certificate,
            "type": "client.erased",
            "time": erasure.begun_at.astimezone(UTC).isoformat(),
            "subject": erasure.client,
            "partitionkey": erasure.client,
            "actor": erasure.approved_by,
            "approver": erasure.seconded_by,
            "data": {"certificate_id": erasure.certificate},
        }
    )


@asynccontextmanager
async def erasing(settings: Settings) -> AsyncIterator[Erasing]:
    """Give the steps for a deployment.  Raises a Fault when Kafka or PostgreSQL does not answer."""
    async with (
        opened(settings) as admission,
        await connect(settings.postgres, application="manyhands-erase", role=Role.OPERATOR) as pool,
    ):
        secrets = Secrets(settings.home / "secrets")
        yield Erasing(admission, Vault(pool, secrets), Erasures(pool), secrets)
