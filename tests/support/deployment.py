"""A deployment as its operator has it: the command and the processor as processes, and all that they wrote."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import orjson

from services.ops.lag import Lag, lags
from services.runtime.settings import Settings
from tests.support.wait import until

MANYHANDS = (str(Path(sys.executable).with_name("manyhands")),)
PROCESSOR = (sys.executable, "-m", "services.referral")
#: Seconds that a command may take on a busy machine.
PATIENCE = 120.0


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: bytes
    err: bytes

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The answers of a command that gives one JSON object a line."""
        return [orjson.loads(line) for line in self.out.splitlines()]

    @property
    def answer(self) -> Any:
        """The one JSON document of the answer."""
        return orjson.loads(self.out)


class Deployment:
    """Runs commands and processors for one data folder; their temporary files are kept in it too."""

    def __init__(self, home: Path, **environ: str) -> None:
        self.home = home
        self._temporary = home / "tmp"
        self._temporary.mkdir(parents=True, exist_ok=True)
        self.environ: Mapping[str, str] = {
            **{name: text for name, text in os.environ.items() if not name.startswith("MANYHANDS_")},
            "MANYHANDS_HOME": str(home),
            "TMPDIR": str(self._temporary),
            "PYTHONPATH": str(Path.cwd()),
            **environ,
        }
        #: What every command was called with and wrote.
        self.ran: list[tuple[Sequence[str], Ran]] = []
        #: What the processors answered over HTTP.
        self.answers: list[bytes] = []

    @property
    def settings(self) -> Settings:
        return Settings.from_env(self.environ)

    async def __call__(
        self, *arguments: str, said: bytes = b"", program: Sequence[str] = MANYHANDS, **environ: str
    ) -> Ran:
        """Run the command to its end, with `said` as its input."""
        process = await self.started(*arguments, program=program, **environ)
        return await self.ended(process, arguments, said)

    async def started(self, *arguments: str, program: Sequence[str] = MANYHANDS, **environ: str) -> Process:
        """Start the command and leave it running."""
        return await asyncio.create_subprocess_exec(
            *program,
            *arguments,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            cwd=self._temporary,
            env={**self.environ, **environ},
        )

    async def ended(self, process: Process, arguments: Sequence[str], said: bytes = b"") -> Ran:
        """Wait for the command's end and note what it wrote."""
        out, err = await asyncio.wait_for(process.communicate(said), PATIENCE)
        assert process.returncode is not None
        ran = Ran(process.returncode, out, err)
        self.ran.append((arguments, ran))
        return ran

    @asynccontextmanager
    async def processor(
        self, log: str = "referral", program: Sequence[str] = PROCESSOR, **environ: str
    ) -> AsyncIterator[Process]:
        """Run a processor while the block runs, saying all it can say into logs/<log>.log."""
        (self.home / "logs").mkdir(exist_ok=True)
        with (self.home / "logs" / f"{log}.log").open("ab") as stream:
            process = await asyncio.create_subprocess_exec(
                *program,
                stdout=stream,
                stderr=stream,
                cwd=self._temporary,
                env={**self.environ, "MANYHANDS_LOG_LEVEL": "debug", **environ},
            )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
            await asyncio.wait_for(process.wait(), PATIENCE)

    async def probe(self, process: Process, path: str) -> bytes:
        """Ask a processor over HTTP, once it answers, and note the answer."""

        def announced() -> list[Path]:
            assert process.returncode is None, f"the processor ended with {process.returncode}"
            return list((self.home / "run").glob(f"*-{process.pid}.json"))

        [file] = await until(announced, PATIENCE)
        port = orjson.loads(file.read_bytes())["port"]
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as response:
            answer = await response.read()
        self.answers.append(answer)
        return answer

    async def caught_up(self, *names: str, **environ: str) -> None:
        """Wait until every partition is folded to its end by these projections, else by that of referrals."""
        settings = Settings.from_env({**self.environ, **environ})

        async def there() -> bool:
            found: list[Lag] = await lags(settings, names or ("referral",))
            return bool(found) and all(each.behind == 0 for each in found)

        await until(there, PATIENCE)

    async def rows(self, query: str, *arguments: Any) -> list[Any]:
        """Ask the database as its owner."""
        connection = await asyncpg.connect(self.settings.postgres)
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()
