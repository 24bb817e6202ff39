"""`manyhands up`: everything in the foreground until Ctrl-C."""

import asyncio
import os
import signal
from asyncio.subprocess import Process
from collections.abc import Mapping
from random import Random
from typing import Annotated
from uuid import uuid4

import typer
import uvloop
from rich.console import Console

from services.admission.inbox import InboxStore
from services.admission.wiring import opened as admitting
from services.ops import doorway
from services.ops.acl import granting
from services.ops.acl.granting import Applied
from services.ops.demo import scene
from services.ops.demo.world import BACKBONE, INITIATIVE, partners
from services.ops.doorway import RECIPIENT, REGISTRAR, SENDER, STAFF, Doorway
from services.ops.errors import ProcessorDied
from services.ops.stage import BESIDE, Stage, staged
from services.runtime.logging import configure_command
from services.runtime.roles import Role
from services.runtime.settings import home_folder
from services.runtime.store import migrated

app = typer.Typer(help="Bring everything up and stay in the foreground.")


@app.command()
def up(
    empty: Annotated[
        bool, typer.Option("--empty", help="Open no example initiative; `manyhands init` opens your own.")
    ] = False,
) -> None:
    """Start the servers, make topics and tables, open an example initiative, run processors; Ctrl-C stops it all."""
    configure_command("error")
    # Whoever tries it out finds the mails beside the data; a mail server that is set gets them.
    os.environ.setdefault("MANYHANDS_SMTP", "folder")
    uvloop.run(_up(empty))


async def _up(empty: bool) -> None:
    console = Console()
    over = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    with console.status("starting") as shown:
        async with staged(home_folder(), shown.update, *BESIDE) as stage:
            registrars = [] if empty else await _example(stage)
            door = await doorway.opened(stage, INITIATIVE, (BACKBONE, registrars[0]) if registrars else None)
            shown.stop()
            _tell(console, stage, registrars, door)
            await _until_over(over, stage.processors)
            shown.start()


async def _example(stage: Stage) -> list[str]:
    """Open the example initiative unless it is open; return its registrars."""
    async with admitting(stage.settings) as admission:
        if not admission.standing(INITIATIVE).is_open:
            joining = partners(Random(7))  # noqa: S311 - the demonstration's own partners, by its own seed
            await scene.opened(admission, str(uuid4()), joining)
        registrars = sorted(admission.standing(INITIATIVE).registrars)
    await _inboxes(stage)
    return registrars


async def _inboxes(stage: Stage) -> None:
    """Make an inbox for every partner that has none; the intake finds them by itself."""
    settings = stage.settings
    async with migrated(settings.postgres, role=Role.OPERATOR, application="manyhands-up", size=1) as pool:
        await granting.inboxes(settings, InboxStore(pool), INITIATIVE, Applied())


def _tell(console: Console, stage: Stage, registrars: list[str], door: Doorway) -> None:
    settings = stage.settings
    console.print(f"API         {door.url}/v1, described at {door.url}/v1/openapi.json", soft_wrap=True)
    console.print(f"Kafka       {settings.kafka}\nData        {settings.home}\nLogs        {settings.home / 'logs'}")
    if registrars:
        console.print(f"Initiative  {INITIATIVE}, backbone {BACKBONE}, registrar {', '.join(registrars)}")
    if door.tokens is not None:
        console.print(
            f"Tokens      {door.tokens}: SENDER ({SENDER}), RECIPIENT ({RECIPIENT}), BACKBONE", soft_wrap=True
        )
        console.print(f"People      {door.url}/signin as {STAFF} or {REGISTRAR}", soft_wrap=True)
        if os.environ["MANYHANDS_SMTP"] == "folder":
            console.print(f"Mails       {settings.home / 'mail'}", soft_wrap=True)
    if registrars:
        console.print(f"Inboxes     {settings.topic_prefix}manyhands.inbox.PARTNER, one for each partner")
    console.print("\nIn another window: manyhands publish FILE --as alder-shelter, manyhands board list, manyhands lag")
    if registrars:
        console.print(f"Over Kafka: manyhands inbox write {RECIPIENT} FILE, then manyhands inbox show {RECIPIENT}")
    console.print("Ctrl-C stops it; the data stays.")


async def _until_over(over: asyncio.Event, processors: Mapping[str, Process]) -> None:
    """Wait for the signal.  Raises ProcessorDied when a processor ends before it."""
    ends = [asyncio.create_task(over.wait()), *(asyncio.create_task(each.wait()) for each in processors.values())]
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for end in ends:
            end.cancel()
    if over.is_set():
        return
    name, child = next((name, child) for name, child in processors.items() if child.returncode is not None)
    raise ProcessorDied(f"{name}, with exit code {child.returncode}: see logs/{name}.log")
