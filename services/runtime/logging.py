"""Logs: one event name a line with its facts beside it, and never what an event says.

What a failure says may quote the data it failed on (a database's message, a value's text), so only
failures whose messages are about machines keep them; of all others the type and the places remain.
"""

import logging
import sys
import traceback
from collections.abc import Iterable
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from services.runtime.errors import Fault

#: Chatty libraries, whose own debug output would hold records.
FOREIGN = ("aiokafka", "faust", "mode", "asyncio", "aiohttp", "kafka", "asyncpg", "uvicorn", "httpx")
#: Where Faust's services speak, our subclasses of them included: it says each of its steps.
FAUST = logging.getLogger("faust")
#: Complain about quiet partitions and frozen processes, where nothing is wrong.
FALSE_ALARMS = ("faust.transport.drivers.aiokafka", "faust.sensors.monitor")


def configure(log_format: str = "json", level: str = "info", stream: TextIO | None = None) -> None:
    """Send every log line of the process, whoever writes it, through one renderer to `stream` (default: stderr)."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_shared(), _foreign],
            use_get_message=False,
            pass_foreign_args=True,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, failure, _renderer(log_format)],
        )
    )
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    _quieten(logging.INFO if level == "debug" else logging.WARNING)


def configure_command(level: str = "warning") -> None:
    """Log as a command for people does: the house's own lines alone.

    The command says in a line of its own what failed; its libraries would say it again a hundred times a minute.
    """
    configure("console", level)
    _quieten(logging.CRITICAL)


def get(name: str) -> Any:
    """Return the logger of a module, whose first argument is always an event's name: `log.info("batch-folded")`."""
    return structlog.stdlib.get_logger(name)


def failure(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Replace a line's exception with its type, its places in the code and, where harmless, its message."""
    error = _exception(line.pop("exc_info", None))
    if error is not None:
        line["error"] = describe(error)
        line["traceback"] = places(error)
    return line


def describe(error: BaseException) -> str:
    """Name a failure without quoting data: its type, its SQLSTATE if any, and its message if it is about machines."""
    name = type(error).__name__
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        return f"{name} {state}"
    return f"{name}: {error}" if _harmless(error) and str(error) else name


def places(error: BaseException) -> list[str]:
    """Return where the failure came through, the innermost place last."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]


def _harmless(error: BaseException) -> bool:
    return isinstance(error, Fault | OSError | TimeoutError) or type(error).__module__ == "aiokafka.errors"


def _exception(info: object) -> BaseException | None:
    if info is True:
        info = sys.exc_info()
    if isinstance(info, tuple):
        info = info[1]
    return info if isinstance(info, BaseException) else None


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _renderer(log_format: str) -> Processor:
    if log_format == "console":
        return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    return structlog.processors.JSONRenderer()


def _foreign(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Fill a library's template, with the exceptions among its arguments described instead of quoted."""
    args = line.pop("positional_args", None)
    if args:
        line["event"] = line["event"] % (tuple(_plain(args)) if isinstance(args, tuple) else args)
    return line


def _plain(values: Iterable[object]) -> Iterable[object]:
    return (describe(value) if isinstance(value, BaseException) else value for value in values)


def _quieten(least: int) -> None:
    for name in FOREIGN:
        logging.getLogger(name).setLevel(least)
    for name in FALSE_ALARMS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
