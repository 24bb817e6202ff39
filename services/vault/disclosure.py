"""Showing sealed text to a reader: allowed first, then put on record, and only then opened."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from events.fields import Sealed
from services.vault.errors import NotPermitted
from services.vault.sealing import SealPlace, unseal
from services.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Sought:
    """One sealed value, and where it was first published."""

    #: The field's name, as a code: what the record says was opened.
    field: str
    source: str
    event_id: str
    type: str
    pointer: str
    sealed: Sealed


@dataclass(frozen=True, slots=True)
class Request:
    """A reader asks for sealed text about one client, for a purpose."""

    initiative: str
    client: str
    #: The referral or client whose text it is.
    subject: str
    #: The partner that reads, and its person.
    reader: str
    actor: str | None
    purpose: str
    sought: tuple[Sought, ...]

    def place(self, sought: Sought) -> SealPlace:
        """Return where that value was sealed for: under this client's key and nobody else's."""
        return SealPlace(self.initiative, self.client, sought.source, sought.event_id, sought.type, sought.pointer)


@dataclass(frozen=True, slots=True)
class Permit:
    """Why the reader may see it: the consent relied on, or none where the text is the reader's own."""

    consent_id: str | None


@dataclass(frozen=True, slots=True)
class Opened:
    """What goes on record: who saw which fields, for what and by which consent, and not a word of the text."""

    request: Request = field(repr=False)
    permit: Permit

    @property
    def data(self) -> dict[str, object]:
        """The payload of `disclosure.opened`, as a caller says it."""
        fields = list(dict.fromkeys(sought.field for sought in self.request.sought))
        data: dict[str, object] = {"reader": self.request.reader, "purpose": self.request.purpose, "fields": fields}
        if self.permit.consent_id is not None:
            data["consent_id"] = self.permit.consent_id
        return data


#: Says whether consent in force, as of the end of the client's partition, lets the reader see all of it.
Permitted = Callable[[Request], Awaitable[Permit | None]]
#: Returns when the record is kept on the log, and raises when that is not certain.
Publish = Callable[[Opened], Awaitable[None]]


class Disclosure:
    """The one way from sealed text to plain text for a reader."""

    def __init__(self, vault: Vault, permitted: Permitted, publish: Publish) -> None:
        self._vault = vault
        self._permitted = permitted
        self._publish = publish

    async def open(self, request: Request) -> list[str]:
        """Return the text of each value sought, in order, after the record of it is on the log.

        Raises NotPermitted, KeyDestroyed when the client is erased, SealInvalid, and whatever `publish` raises:
        without a record there is no text.
        """
        permit = await self._permitted(request)
        if permit is None:
            raise NotPermitted("no consent in force lets this reader see it")
        # The key is asked for before the record is made, so that none is made of what can no longer be opened.
        key = await self._vault.existing(request.initiative, request.client)
        await self._publish(Opened(request, permit))
        return [unseal(key, request.place(sought), sought.sealed) for sought in request.sought]
