import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from services.ops import local
from tests.docs.walk import Block, Shell, blocks, shell
from tests.support.wait import until

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "tutorial").glob("*.md"))
#: What a make target of the page comes down to once everything is set up.
TARGETS = {"make up": "manyhands up"}


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder to work in, with the virtual environment where the page expects it."""
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


@pytest.fixture
def environment(servers: local.Servers, database: str, topic_prefix: str, desk: Path) -> dict[str, str]:
    return {
        **os.environ,
        "COLUMNS": "150",
        "MANYHANDS_HOME": str(desk / ".manyhands"),
        "MANYHANDS_KAFKA": servers.kafka,
        "MANYHANDS_POSTGRES": database,
        "MANYHANDS_TOPIC_PREFIX": topic_prefix,
        "MANYHANDS_PARTITIONS": "2",
        "MANYHANDS_GATEWAY_PORT": "0",
    }


@asynccontextmanager
async def foreground(block: Block, desk: Path, environment: dict[str, str]) -> AsyncIterator[None]:
    """Run a block that stays in the foreground while the others are run, and end it as a person would."""
    command, *arguments = TARGETS[block.commands.strip()].split()
    log = desk / "foreground.log"
    with log.open("wb") as printed:
        child = await asyncio.create_subprocess_exec(
            str(desk / ".venv" / "bin" / command),
            *arguments,
            cwd=desk,
            env=environment,
            stdout=printed,
            stderr=printed,
        )
    try:
        await until(lambda: child.returncode is not None or not block.missing(log.read_text()), 90, "it is up")
        assert child.returncode is None, log.read_text()
        yield
    finally:
        if child.returncode is None:
            child.send_signal(signal.SIGINT)
        assert await child.wait() == 0


async def walked(bash: Shell, block: Block) -> None:
    """Run the block and see that it prints what the page shows."""
    if block.how == "until":

        async def shown() -> bool:
            return not block.missing(await bash.run(block.commands))

        await until(shown, 60, block.commands)
        return
    printed = await bash.run(block.commands)
    assert block.missing(printed) == [], printed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
async def test_the_tutorial_goes_as_it_says(page: Path, desk: Path, environment: dict[str, str]) -> None:
    found = [block for block in blocks(page) if block.how != "apart"]
    stays = next(block for block in found if block.how == "foreground")
    async with foreground(stays, desk, environment), shell(desk, environment) as bash:
        for block in found:
            if block is not stays:
                await walked(bash, block)


@pytest.mark.parametrize("target", TARGETS)
def test_a_make_target_is_the_command_that_is_tried(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text()
    recipe = makefile.split(f"\n{target.split()[1]}:")[1].split("\n\n")[0]
    assert f"$(BIN)/{TARGETS[target]}" in recipe
