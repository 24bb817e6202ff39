"""One process of a rebuild: folds the partitions it is told to, until its orders end."""

import asyncio
import signal
import sys
from types import TracebackType

import uvloop

from projections.store import PostgresStore
from projections.store.times import quick_times
from services.ops.builds import PROJECTIONS, database, faults
from services.ops.rebuild.orders import Answer, Done, Failed, Folded, line, read_job, read_order
from services.runtime.errors import Fault
from services.runtime.garbage import look, look_when_asked
from services.runtime.logging import configure_command, describe, places
from services.runtime.refold import Refold
from services.runtime.settings import Settings

#: Records between two looks for garbage.
LOOK_EVERY = 500_000


async def _work() -> int:
    job = read_job(await _heard())
    settings = Settings.from_env(job.environ)
    projection = PROJECTIONS[job.projection]
    try:
        async with database(settings, "manyhands rebuild worker", init=quick_times) as pool:
            store = PostgresStore(pool, projection, job.schema)
            refold = Refold(settings, projection, store, _Count())
            _say(Done())
            await _obeyed(refold)
    except Fault as fault:
        _say(Failed(fault.code, str(fault), fault.hint))
        return 1
    return 0


async def _obeyed(refold: Refold) -> None:
    """Carry out one order after another, until there are no more."""
    while order := await _heard():
        with faults():
            await refold.to(dict(read_order(order).targets))
        _say(Done())


class _Count:
    """Says what was folded, and looks for garbage now and then, which costs a batch's time."""

    def __init__(self) -> None:
        self._since = 0

    def __call__(self, count: int) -> None:
        _say(Folded(count))
        self._since += count
        if self._since >= LOOK_EVERY:
            self._since = 0
            look()


async def _heard() -> bytes:
    """Return the next line; nothing when whoever gives the orders is done or gone."""
    return await asyncio.to_thread(sys.stdin.buffer.readline)


def _say(answer: Answer) -> None:
    sys.stdout.buffer.write(line(answer))
    sys.stdout.buffer.flush()


def _fell(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
    """Say where an unforeseen failure came from and not its message, which may quote what people said."""
    sys.stderr.write("\n".join([f"manyhands: {describe(error)}", *places(error)[-5:], ""]))


def main() -> int:
    """Carry the orders out and return the exit code.  Ctrl-C is left to whoever gives them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.excepthook = _fell
    configure_command("error")
    look_when_asked()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_work())


if __name__ == "__main__":
    sys.exit(main())
