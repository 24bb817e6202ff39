"""Processors as real processes, to be killed, frozen and asked."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from services.runtime.settings import Settings
from tests.support.wait import until

ROOT = Path(__file__).parents[2]
#: The processor as it is run; the others are in `tests.faults.broken`.
SOUND = "services.referral"
END_S = 30.0


@dataclass
class Worker:
    """One process."""

    process: asyncio.subprocess.Process
    home: Path

    @property
    def ended(self) -> bool:
        return self.process.returncode is not None

    async def kill(self) -> None:
        """End it by SIGKILL, and return when it is gone; one that ended already is fine."""
        if not self.ended:
            self.process.kill()
        await self.process.wait()

    def freeze(self) -> None:
        """Stop it where it stands."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on as if nothing had happened."""
        self.process.send_signal(signal.SIGCONT)

    async def leave(self) -> int:
        """Ask it to end, and return its exit code."""
        if not self.ended:
            self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), END_S)

    async def health(self) -> dict[str, Any]:
        """Return what it says of itself; nothing while it does not answer."""
        text = await self._asked("healthz")
        return dict(orjson.loads(text)) if text else {}

    async def ready(self) -> bool:
        """Say whether every partition that is its own is placed or stopped."""
        found = await self.health()
        return bool(found.get("ready"))

    async def owns(self, count: int) -> bool:
        """Say whether it has this many partitions, all of them placed or stopped."""
        found = await self.health()
        return bool(found.get("ready")) and found["partitions"] == count

    async def stopped(self) -> dict[int, str]:
        """Return the codes of the partitions that it folds no further."""
        return {each["partition"]: each["code"] for each in (await self.health()).get("stopped", ())}

    async def counted(self, name: str) -> int:
        """Return the sum of a metric over its partitions."""
        lines = (await self._asked("metrics")).decode().splitlines()
        return int(sum(float(line.split()[-1]) for line in lines if line.startswith(f"manyhands_{name}_total{{")))

    async def _asked(self, path: str) -> bytes:
        files = [*(self.home / "run").glob(f"*-{self.process.pid}.json")]
        if not files:
            return b""
        try:
            port = orjson.loads(files[0].read_bytes())["port"]
            timeout = aiohttp.ClientTimeout(total=2)
            url = f"http://127.0.0.1:{port}/{path}"
            async with aiohttp.ClientSession(timeout=timeout) as asking, asking.get(url) as answer:
                return await answer.read()
        except (aiohttp.ClientError, TimeoutError, ValueError, FileNotFoundError):
            return b""


@asynccontextmanager
async def worker(settings: Settings, kind: str = SOUND, **more: str) -> AsyncIterator[Worker]:
    """Run a processor while the block runs; whatever is left of it afterwards is killed."""
    module = [kind] if kind.startswith("services.") else ["tests.faults.broken", kind]
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "workers.log").open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *module, env=_environment(settings, more), stdout=output, stderr=output, cwd=ROOT
        )
    found = Worker(process, settings.home)
    try:
        yield found
    finally:
        await found.kill()


async def placed(*workers: Worker) -> None:
    """Wait until each of them has its partitions and reads."""
    for each in workers:
        await until(each.ready, 60)


def _environment(settings: Settings, more: Mapping[str, str]) -> dict[str, str]:
    told = {name: str(value) for name, value in vars(settings).items() if value is not None} | dict(more)
    return {**os.environ, **{f"MANYHANDS_{name.upper()}": value for name, value in told.items()}}
