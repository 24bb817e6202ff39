"""Walking through a page as a reader does: its commands in one shell, and what it says they print."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

MARK = "--walked--"
_FENCE = re.compile(r"^```(\w+)?(?: (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """Commands and the lines shown for them.

    `how` is empty for commands that are simply run, `until` for those that are repeated until they print
    what is shown, `foreground` for one that goes on, `apart` for those that another test runs.
    """

    how: str
    commands: str
    shown: tuple[str, ...]

    def missing(self, printed: str) -> list[str]:
        """Return the shown lines that were not printed; spaces count as one and … stands for anything."""
        text = " ".join(printed.split())
        return [line for line in self.shown if not re.search(_pattern(line), text)]


def _pattern(line: str) -> str:
    return ".*".join(re.escape(" ".join(part.split())) for part in line.split("…"))


def blocks(page: Path) -> list[Block]:
    """Return the page's commands in order, each with what is shown below it."""
    found: list[Block] = []
    for language, how, text in _FENCE.findall(page.read_text("utf-8")):
        if language == "sh":
            found.append(Block(how, text, ()))
        elif language == "text" and found:
            shown = tuple(line for line in text.splitlines() if line.strip())
            found[-1] = Block(found[-1].how, found[-1].commands, (*found[-1].shown, *shown))
    return found


class Shell:
    """One bash that keeps its variables from block to block."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def run(self, commands: str) -> str:
        """Run the commands and return all that they print."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the shell has no pipes")
        stdin.write(f"{commands}\necho {MARK}\n".encode())
        await stdin.drain()
        printed = await stdout.readuntil(f"{MARK}\n".encode())
        return printed.decode().removesuffix(f"{MARK}\n")


@asynccontextmanager
async def shell(folder: Path, environment: Mapping[str, str]) -> AsyncIterator[Shell]:
    """Give a shell in the folder; whatever runs in it is ended with the block."""
    process = await asyncio.create_subprocess_exec(
        "bash",
        cwd=folder,
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=1 << 20,
    )
    try:
        yield Shell(process)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()
