"""`manyhands inbox`: how far partners' inboxes are decided, and what became of what was written there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import typer

from events.authority import PARTNER
from events.codes import CODES
from services.admission.digest import Naming
from services.admission.inbox import Inbox, InboxStore, told
from services.ops.errors import NoSuchInbox
from services.ops.rows import Rows, stream_of
from services.ops.shown import AsJson, Limit, print_json, print_table
from services.runtime.log import producer
from services.runtime.roles import Role
from services.runtime.settings import Settings
from services.runtime.store import migrated
from services.vault.secrets import Secrets

app = typer.Typer(no_args_is_help=True, help="Show what became of what partner systems wrote over Kafka.")

Partner = Annotated[str, typer.Argument(help="The id of the partner.")]
COLUMNS = ("record", "recorded_at", "ok", "code", "pointer", "event", "subject", "token")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the inboxes with the offset that is decided next."""
    lines = [
        {"partner": each.partner, "initiative": each.initiative, "topic": each.topic, "life": each.life}
        | {"next_offset": each.next_offset or 0}
        for each in asyncio.run(_inboxes(Settings.from_env()))
    ]
    if as_json:
        print_json(lines)
        return
    empty = "There is no inbox yet; `manyhands topics apply` makes them."
    print_table("Inboxes", lines, ("partner", "initiative", "topic", "life", "next_offset"), empty)


@app.command()
def show(
    partner: Partner,
    said: Annotated[str | None, typer.Option("--id", help="Only the event that the partner calls this.")] = None,
    after: Annotated[str, typer.Option(help="Begin after this record, as `record` names it.")] = "0:-1",
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Show what became of each record: let in, with its place on the log, or turned away, with a code."""
    life, _, offset = after.partition(":")
    if not life.isdecimal() or not offset.removeprefix("-").isdecimal():
        raise typer.BadParameter(f"{after!r} is not life:offset", param_hint="--after")
    lines = asyncio.run(_shown(Settings.from_env(), partner, said, (int(life), int(offset), limit)))
    if as_json:
        print_json(lines)
        return
    print_table(f"Inbox of {partner}", lines, COLUMNS, "Nothing was decided there.")
    for code in sorted({line["code"] for line in lines if line["code"]}):
        typer.echo(f"{code}: {CODES[code].text}")


@app.command()
def write(
    partner: Partner,
    file: Annotated[str, typer.Argument(help="A file of one JSON object a line, or - for standard input.")],
    as_json: AsJson = False,
) -> None:
    """Write events into an inbox, as the partner's own system would; `show` says what became of them."""
    written = asyncio.run(_written(Settings.from_env(), partner, file))
    if as_json:
        print_json({"partner": partner, "records": written})
        return
    typer.echo(f"{len(written)} records written" + (f", {written[0]} to {written[-1]}" if written else ""))


@app.command()
def restart(partner: Partner, as_json: AsJson = False) -> None:
    """Read an inbox from its beginning, after its topic was cut or made anew and the intake stopped it."""
    life = asyncio.run(_restarted(Settings.from_env(), partner))
    if as_json:
        print_json({"partner": partner, "life": life})
    else:
        typer.echo(
            f"The inbox of {partner} is read from its beginning; what stands on the log already changes nothing."
        )


@asynccontextmanager
async def _store(settings: Settings) -> AsyncIterator[InboxStore]:
    async with migrated(settings.postgres, role=Role.OPERATOR, application="manyhands inbox", size=1) as pool:
        yield InboxStore(pool)


async def _inboxes(settings: Settings) -> list[Inbox]:
    async with _store(settings) as store:
        return await store.inboxes()


async def _shown(
    settings: Settings, partner: str, said: str | None, page: tuple[int, int, int]
) -> list[dict[str, Any]]:
    async with _store(settings) as store:
        inbox = next((each for each in await store.inboxes() if each.partner == partner), None)
        if inbox is None:
            raise NoSuchInbox(partner)
        if said is None:
            rows = await store.page(partner, page[:2], page[2])
        else:
            naming = Naming(Secrets(settings.home / "secrets").ids)
            rows = await store.event(partner, naming.event(inbox.initiative, PARTNER + partner, said), page[2])
    return [told(row, settings.topic_prefix) for row in rows]


async def _written(settings: Settings, partner: str, file: str) -> list[str]:
    """Return the records as `show` names them, once the brokers have them all."""
    async with _store(settings) as store:
        inbox = next((each for each in await store.inboxes() if each.partner == partner), None)
    if inbox is None:
        raise NoSuchInbox(partner)
    sent = []
    with stream_of(file) as stream:
        async with producer(settings) as sender:
            async for rows in Rows(stream).batches():
                sent += [await sender.send(inbox.topic, row) for row in rows]
            return [f"{inbox.life}:{(await each).offset}" for each in sent]


async def _restarted(settings: Settings, partner: str) -> int:
    async with _store(settings) as store:
        life = await store.restart(partner)
    if life is None:
        raise NoSuchInbox(partner)
    return life
