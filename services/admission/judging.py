"""What is made of rows before anything of them is published: examined, named, sealed, written down."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from events.spoken import OWN
from projections.memory import MemoryStore
from services.admission.caller import Caller, Link, Partner
from services.admission.chunk import Chunk
from services.admission.context import Context, Found
from services.admission.digest import Naming
from services.admission.examine import examine
from services.admission.parse import Parsed
from services.admission.problem import Problem, TurnedAway
from services.admission.publish import At, Publisher
from services.admission.register import hold
from services.admission.resolve import REGISTERED, case_subject, client_name, owner, translated
from services.admission.seal import seal_all, sealed_for_nobody
from services.admission.standing import Standing
from services.admission.store import RegisterStore
from services.vault.vault import Vault

#: Whoever says one of these has a name of its own for the client from then on.
NAMED = frozenset({REGISTERED, "org.manyhands.referral.offer_accepted.v1", "org.manyhands.referral.offer_claimed.v1"})


class Directory(Protocol):
    """What is known of the initiatives."""

    @property
    def store(self) -> MemoryStore:
        """The states of every initiative."""
        ...

    def standing(self, initiative: str) -> Standing: ...

    def refusal(self, at: At) -> str | None:
        """Return why the record there was refused, if it was."""
        ...

    def initiatives(self) -> list[str]: ...

    async def fresh(self) -> None:
        """Catch up with the log when the last time was a while ago."""
        ...

    async def reach(self, at: At) -> None:
        """Catch up with the log past this record."""
        ...


@dataclass(frozen=True, slots=True)
class Terms:
    """How one call is admitted."""

    caller: Caller
    dry_run: bool = False
    #: The window of history that is being loaded, as the registrar named it or by its id.
    backfill: str | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """What admission stands on."""

    publisher: Publisher
    directory: Directory
    vault: Vault
    register: RegisterStore
    naming: Naming
    #: The types that a deployed rulebook judges; others are turned away.
    supported: Collection[str]


class Judging:
    """Judges the rows of one chunk after another."""

    def __init__(self, parts: Parts, clock: Callable[[], datetime]) -> None:
        self._parts = parts
        self._clock = clock

    async def prepared(self, terms: Terms, chunk: Chunk) -> Chunk:
        """Judge the chunk's rows and write down what they open; nothing is published yet.

        Raises Away when PostgreSQL does not answer.
        """
        await self._parts.directory.fresh()
        found = await self._found(terms, chunk)
        self._examine(self.context(terms, found), chunk)
        chunk.drop(sealed_for_nobody(chunk.drafts))
        if not terms.dry_run:
            await self._mint(terms.caller, chunk)
        chunk.drop(await seal_all(self._parts.vault, terms.caller, chunk.drafts, dry_run=terms.dry_run))
        if not terms.dry_run and isinstance(terms.caller, Partner):
            await self._write_down(terms.caller, chunk)
        if not terms.dry_run and isinstance(terms.caller, Link):
            # The partner has a name for the client; whoever holds the link is told none.
            await self._name(terms.caller, chunk)
        return chunk

    async def _found(self, terms: Terms, chunk: Chunk) -> Found:
        caller = terms.caller
        said = [each for each in chunk.parsed if isinstance(each, Parsed)]
        names = {name for each in said if (name := client_name(caller, each)) is not None}
        subjects = {subject for each in said if (subject := case_subject(caller, self._parts.naming, each)) is not None}
        found = Found()
        if names:
            keep = not terms.dry_run
            found.clients = await self._parts.vault.find(caller.initiative, owner(caller), names, keep=keep)
        if subjects:
            found.held = await self._parts.register.find(caller.initiative, subjects)
        return found

    def context(self, terms: Terms, found: Found) -> Context:
        """Return what the rows of one call are examined by."""
        parts = self._parts
        backfill = terms.backfill
        if backfill is not None:
            backfill = translated(terms.caller, parts.naming, "backfill", backfill)
        standing = parts.directory.standing(terms.caller.initiative)
        return Context(terms.caller, standing, parts.naming, self._clock(), found, parts.supported, backfill)

    def _examine(self, context: Context, chunk: Chunk) -> None:
        for row, parsed in enumerate(chunk.parsed):
            if isinstance(parsed, Problem):
                chunk.problems[row] = parsed
                continue
            try:
                chunk.drafts.append(examine(context, row, parsed))
            except TurnedAway as away:
                chunk.problems[row] = away.problem

    async def _mint(self, caller: Caller, chunk: Chunk) -> None:
        """Give the clients that are new here their ids, in every draft that names them."""
        fresh = {draft.record for draft in chunk.drafts if draft.type == REGISTERED and _is_own(draft.record)}
        if not fresh:
            return
        ids = await self._parts.vault.mint(caller.initiative, owner(caller), fresh)
        for draft in chunk.drafts:
            draft.record = ids.get(draft.record, draft.record)
            draft.subject = ids.get(draft.subject, draft.subject)

    async def _write_down(self, caller: Partner, chunk: Chunk) -> None:
        taken = await hold(self._parts.register, caller.initiative, caller.partner, chunk.drafts)
        problems = {
            d.row: TurnedAway("subject-taken", "/subject") for d in chunk.drafts if d.opens and d.subject in taken
        }
        chunk.drop(problems)
        chunk.aliases = await self._name(caller, chunk)

    async def _name(self, caller: Partner | Link, chunk: Chunk) -> dict[str, str]:
        """Return the partner's names of the clients whom it registers or takes on, given now where it has none."""
        clients = {draft.record for draft in chunk.drafts if draft.type in NAMED}
        if not clients:
            return {}
        return await self._parts.vault.aliases(caller.initiative, caller.partner, clients, grant=True)


def _is_own(name: str) -> bool:
    return name.startswith(OWN)
