"""`manyhands topics`: the log's topics and the inboxes, made once and for good, and who may reach them."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from events.topics import ALL, inbox
from services.admission.inbox import InboxStore
from services.ops.acl import granting, proof
from services.ops.acl.entries import Entry
from services.ops.acl.granting import Applied, Reach
from services.ops.builds import PROJECTIONS
from services.ops.shown import AsJson, print_json, print_table
from services.runtime.exposure import is_loopback
from services.runtime.log import check_topics, create_topics
from services.runtime.roles import Role
from services.runtime.settings import Settings
from services.runtime.store import migrated

app = typer.Typer(no_args_is_help=True, help="Create topics and inboxes, say who may reach them, and prove it.")

Builds = Annotated[
    list[str] | None, typer.Option("--build", help="A build that processors fold; MANYHANDS_BUILD when left out.")
]
COLUMNS = ("verdict", "principal", "resource", "operation", "by")


@app.command()
def create() -> None:
    """Make the topics that are missing, and check all of them."""
    settings = Settings.from_env()
    made = asyncio.run(create_topics(settings))
    for topic in ALL:
        name = settings.topic(topic)
        typer.echo(f"{name:<32}{settings.count(topic):>4} partitions  {'made' if name in made else 'there'}")


@app.command()
def apply(
    initiative: Annotated[
        str | None, typer.Option(help="Make inboxes for the partners of this initiative alone.")
    ] = None,
    build: Builds = None,
    as_json: AsJson = False,
) -> None:
    """Make topics, an inbox for each partner, and the access entries; take away entries that are not wanted."""
    settings = Settings.from_env()
    applied = asyncio.run(_apply(settings, initiative, build or [settings.build]))
    if as_json:
        print_json({**vars(applied), "made": _told(applied.made), "taken": _told(applied.taken)})
        return
    typer.echo(f"{len(applied.topics)} topics made, {len(applied.inboxes)} inboxes noted")
    for partner in applied.ambiguous:
        typer.echo(f"{partner} takes part in several initiatives: say whose inbox it is with --initiative")
    if not applied.guarded:
        typer.echo("The brokers keep nobody out, so there are no entries to make.")
        return
    for word, entries in (("made", applied.made), ("taken away", applied.taken)):
        for each in entries:
            typer.echo(f"{word}: {each.principal}  {each.operation.name.lower()}  {each.name}")
    typer.echo(f"{len(applied.made)} entries made, {len(applied.taken)} taken away")


@app.command()
def check(
    user: Annotated[
        str | None, typer.Option(help="Try as this principal too, such as a partner's, and compare with its rights.")
    ] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="The file that holds its password.", exists=True, dir_okay=False)
    ] = None,
    build: Builds = None,
    as_json: AsJson = False,
) -> None:
    """Check topics, then prove who can reach them by trying as somebody unknown; exit code 1 when anything is wrong."""
    settings = Settings.from_env()
    other = None if user is None else replace(settings, kafka_user=user, kafka_password_file=password_file)
    found = asyncio.run(_check(settings, other, build or [settings.build]))
    if found is None:
        _open_to_all(settings, as_json)
        return
    wrong = [each.described() for each in found if each.verdict != "right"]
    if as_json:
        print_json({"looked_at": len(found), "wrong": wrong})
    else:
        tried = sum(each.by == "tried" for each in found)
        typer.echo(f"All topics are as they must be. {tried} attempts made, {len(wrong)} things wrong.")
        if wrong:
            print_table("Who can reach what, and should not or should", wrong, COLUMNS, "")
    if wrong:
        raise typer.Exit(1)


def _open_to_all(settings: Settings, as_json: bool) -> None:
    """Say that the brokers keep nobody out, which is fine for those that only this machine reaches."""
    alone = all(is_loopback(address.rpartition(":")[0]) for address in settings.kafka.split(","))
    if as_json:
        print_json({"looked_at": 0, "wrong": [], "guarded": False, "loopback": alone})
    else:
        typer.echo(f"All {len(ALL)} topics are as they must be.")
        typer.echo("The brokers keep nobody out" + ("; only this machine reaches them." if alone else "."))
    if not alone:
        raise typer.Exit(1)


async def _apply(settings: Settings, initiative: str | None, builds: list[str]) -> Applied:
    applied = Applied(topics=await create_topics(settings))
    async with migrated(settings.postgres, role=Role.OPERATOR, application="manyhands topics", size=2) as pool:
        store = InboxStore(pool)
        await granting.inboxes(settings, store, initiative, applied)
        await granting.grant(settings, await _reach(settings, store, builds), applied)
    return applied


async def _check(settings: Settings, other: Settings | None, builds: list[str]) -> list[proof.Finding] | None:
    await check_topics(settings)
    async with migrated(settings.postgres, role=Role.OPERATOR, application="manyhands topics", size=2) as pool:
        store = InboxStore(pool)
        await check_topics(settings, [inbox(each.partner) for each in await store.inboxes()])
        reached = await _reach(settings, store, builds)
    found = await proof.entries(settings, reached)
    if found is None:
        return None
    if settings.kafka_security.startswith("sasl"):
        found += await proof.foreign(settings, reached)
    return found if other is None else found + await proof.tried(other, reached)


async def _reach(settings: Settings, store: InboxStore, builds: list[str]) -> Reach:
    return await granting.reach(settings, store, PROJECTIONS.values(), builds)


def _told(entries: list[Entry]) -> list[dict[str, Any]]:
    return [
        {"principal": each.principal, "kind": each.kind.name, "name": each.name, "operation": each.operation.name}
        for each in entries
    ]
