"""Reading sealed text: allowed, then on record, then opened, and nothing of it otherwise."""

import dataclasses
from uuid import uuid4

import pytest

from events.disclosure import OpenedBody
from services.vault import KeyDestroyed, NotPermitted, SealInvalid, Vault, seal
from services.vault.disclosure import Disclosure, Opened, Permit, Request, Sought
from tests.integration.vault.test_keys import CANARY, place

CONSENT = str(uuid4())
CONSENTED = Permit(CONSENT)


class LogAway(Exception):
    """The log does not answer."""


class Log:
    """A log that keeps what it is given, or is away."""

    def __init__(self, *, away: bool = False) -> None:
        self.kept: list[Opened] = []
        self._away = away

    async def publish(self, opened: Opened) -> None:
        if self._away:
            raise LogAway
        self.kept.append(opened)


async def request(vault: Vault) -> Request:
    """Ask for two sealed fields of one client."""
    [client] = (await vault.mint("north", "clinic", ["own:1"])).values()
    key = (await vault.keys("north", [client]))[client]
    where = place(client)
    sought = Sought("details", where.source, where.event_id, where.type, where.pointer, seal(key, where, CANARY))
    return Request("north", client, client, "shelter", None, "care", (sought, sought))


def reading(vault: Vault, log: Log, permit: Permit | None = CONSENTED) -> Disclosure:
    async def permitted(_: Request) -> Permit | None:
        return permit

    return Disclosure(vault, permitted, log.publish)


async def test_text_is_opened_after_it_is_on_record(vault: Vault) -> None:
    log, asked = Log(), await request(vault)
    assert await reading(vault, log).open(asked) == [CANARY, CANARY]
    [opened] = log.kept
    assert opened.data == {"reader": "shelter", "purpose": "care", "fields": ["details"], "consent_id": CONSENT}
    assert CANARY not in repr(opened)


async def test_record_says_what_the_event_takes(vault: Vault) -> None:
    asked = await request(vault)
    for permit in (CONSENTED, Permit(None)):
        data = Opened(asked, permit).data
        assert set(data) <= set(OpenedBody.model_fields)
        assert ("consent_id" in data) == (permit.consent_id is not None)


async def test_without_a_record_there_is_no_text(vault: Vault) -> None:
    asked = await request(vault)
    with pytest.raises(LogAway):
        await reading(vault, Log(away=True)).open(asked)


async def test_without_consent_there_is_neither_text_nor_record(vault: Vault) -> None:
    log, asked = Log(), await request(vault)
    with pytest.raises(NotPermitted):
        await reading(vault, log, None).open(asked)
    assert log.kept == []


async def test_erased_text_is_neither_opened_nor_on_record_as_opened(vault: Vault) -> None:
    log, asked = Log(), await request(vault)
    await vault.destroy("north", asked.client)
    with pytest.raises(KeyDestroyed):
        await reading(vault, log).open(asked)
    assert log.kept == []


async def test_another_clients_text_does_not_open_under_this_one(vault: Vault) -> None:
    log, asked = Log(), await request(vault)
    [other] = (await vault.mint("north", "clinic", ["own:2"])).values()
    await vault.keys("north", [other])
    with pytest.raises(SealInvalid):
        await reading(vault, log).open(dataclasses.replace(asked, client=other))
