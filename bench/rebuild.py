"""`manyhands rebuild` beside the yardstick: the same log folded again, compared with the tables that are served."""

import sys
from pathlib import Path
from typing import Any

import orjson

from bench.check import TablesDiffer
from bench.child import output
from bench.engine import Job
from bench.process import environment

MANYHANDS = Path(sys.executable).with_name("manyhands")
COMMAND = (str(MANYHANDS), "rebuild", "referral", "--build", "bench", "--anew", "--json")
#: The command's exit code when the rebuilt tables are not the served ones.
DIFFERENT = 1


async def rebuild(job: Job, seconds: float) -> float:
    """Return the events a second of one rebuild's folding, on as many processes as there are cores.

    Raises TablesDiffer when the rebuilt tables are not the served ones, and EngineFailed.
    """
    out = await output(COMMAND, seconds, environment(job), (0, DIFFERENT))
    found: dict[str, Any] = orjson.loads(out)
    if not found["equal"] or found["events"] != job.events:
        raise TablesDiffer(f"a rebuild of {found['events']} events; equal to the served tables: {found['equal']}")
    return float(found["events"] / found["seconds"])
