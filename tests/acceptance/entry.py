"""Programs with one thing wrong, to be run in place of the right ones.

python -m tests.acceptance.entry faulty                 a processor whose rule and view fail, quoting a name
python -m tests.acceptance.entry hasty ARGUMENTS        the command, which soon gives up waiting for the log
python -m tests.acceptance.entry unsealed ARGUMENTS     the command, which seals nothing
python -m tests.acceptance.entry encoded ARGUMENTS      the command, whose seal is only another way to write it
python -m tests.acceptance.entry bare ARGUMENTS         the command, which keeps own ids unsealed
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

from events.catalogue import Event
from events.fields import Sealed
from events.referral import Requested
from projections.projection import Case, Entry, Key, Row, State, Table
from projections.referral.projection import ReferralProjection
from services.admission import seal as sealing
from services.admission.admission import Admission
from services.admission.wiring import opened
from services.ops import publish
from services.ops.main import main
from services.runtime.processor import Processor, serve_until_stopped
from services.runtime.settings import Settings
from services.vault import vault as vaulting
from services.vault.names import Holder
from services.vault.sealing import DataKey, SealPlace, encoded, padded
from tests.support.canary import NAMES

#: Where a referral is asked for that the faulty processor stumbles over, and over what of it.
RULE_FAILS, VIEW_FAILS, ROW_FAILS = "east", "north", "south"
IMPATIENT_S = 2.0


class Clumsy:
    """A view that fails on two areas, once by itself and once by what it wants stored."""

    table = Table(
        name="clumsy",
        columns={"initiative": "text", "record": "uuid", "id": "uuid", "area": "int2"},
        key=("initiative", "record", "id"),
        sql=Path(__file__).with_name("clumsy.sql"),
    )

    def aggregate(self, event: Event) -> Key:
        return Key("referral", event.initiative, event.partitionkey, event.subject)

    def rows(self, entry: Entry) -> Iterable[Row]:
        event = entry.event
        if not isinstance(event, Requested):
            return ()
        if event.data.area == VIEW_FAILS:
            raise ValueError(f"there is no room for {NAMES[1]}")
        area = NAMES[2] if event.data.area == ROW_FAILS else 0
        return [(event.initiative, event.partitionkey, event.subject, area)]


class Faulty(ReferralProjection):
    """Referral status with a rule that fails, and the clumsy view."""

    views = (*ReferralProjection.views, Clumsy())

    def evolve(self, event: Event, case: Case) -> Mapping[Key, State]:
        if isinstance(event, Requested) and event.data.area == RULE_FAILS:
            name = NAMES[3]
            raise RuntimeError(f"cannot judge {name}")
        return super().evolve(event, case)


def faulty() -> int:
    """Run the processor with the faults."""
    return serve_until_stopped(Processor(Faulty(), Settings.from_env()))


def hasty() -> None:
    """Run the command with a short patience for the log."""
    soon: Callable[[Settings], AbstractAsyncContextManager[Admission]] = partial(opened, deadline=IMPATIENT_S)
    publish.__dict__["opened"] = soon
    main()


def unsealed() -> None:
    """Run the command with a door that finds no text to seal."""
    sealing.__dict__["texts"] = lambda *_: []
    main()


def encoded_only() -> None:
    """Run the command with a seal that hides nothing."""

    def seal(key: DataKey, _: SealPlace, text: str) -> Sealed:
        body = encoded(padded(text) + bytes(16))
        return Sealed(v=1, alg="A256GCM", kid=key.name, nonce=encoded(bytes(12)), ct=body)

    sealing.__dict__["seal"] = seal
    main()


def bare() -> None:
    """Run the command with a vault that keeps own ids as they are."""

    def seal_own(_key: DataKey, _holder: Holder, own: str) -> bytes:
        return bytes(12) + own.encode().ljust(144, b"\0")

    vaulting.__dict__["seal_own"] = seal_own
    main()


PROGRAMS: Mapping[str, Callable[[], int | None]] = {
    "faulty": faulty,
    "hasty": hasty,
    "unsealed": unsealed,
    "encoded": encoded_only,
    "bare": bare,
}

if __name__ == "__main__":
    sys.exit(PROGRAMS[sys.argv.pop(1)]())
