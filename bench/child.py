"""A process started to be measured, which never outlives the measuring."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

#: Where `python -m` finds the bench, whichever environment's Python it is.
ROOT = Path(__file__).parents[1]


class EngineFailed(Exception):
    """An engine ended without a result; the message holds the end of what it said."""


async def output(
    arguments: Sequence[str], seconds: float, env: Mapping[str, str] | None = None, codes: Collection[int] = (0,)
) -> bytes:
    """Return what the process wrote; raises EngineFailed for another exit code or after so many seconds."""
    process = await asyncio.create_subprocess_exec(
        *arguments, env=env, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(seconds):
            out, err = await process.communicate()
    except TimeoutError:
        raise EngineFailed(f"{' '.join(arguments[1:3])} took longer than {seconds:.0f} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode not in codes:
        said = (out + err).decode(errors="replace")[-3000:]
        raise EngineFailed(f"{' '.join(arguments[1:3])} ended with {process.returncode}: {said}")
    return out
