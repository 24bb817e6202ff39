"""The manyhands command: a table of its groups, each in a file of its own.

A group is loaded when it is called, so help is quick and a broken group breaks nothing else.
Exit codes: 0 done, 1 a fault (one line, a code, a hint), 2 a wrong use, 130 interrupted; a group
may add its own.
"""

import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from services.ops.errors import CommandBroken
from services.runtime.dumps import keep_out_of_dumps
from services.runtime.errors import Fault

#: Command name: the module whose `app` it is, and what help says of it.
GROUPS: Mapping[str, tuple[str, str]] = {
    "demo": ("services.ops.demo.command", "Show the whole path on embedded servers, then stop them."),
    "up": ("services.ops.up", "Bring everything up and stay in the foreground."),
    "partners": ("services.ops.partners", "Show who takes part, and what each offers."),
    "board": ("services.ops.board", "Show how the referrals stand."),
    "timeline": ("services.ops.timeline", "Show everything that was said about one referral."),
    "refusals": ("services.ops.refusals", "Show the records that changed nothing, and why."),
    "figures": ("services.ops.figures", "Show how much each partner sent, received and served, by month."),
    "loops": ("services.ops.loops", "Show how loops close: four rates, never one, and the events behind each figure."),
    "feed": ("services.ops.feed", "Show what a partner is told, page by page."),
    "disclosures": ("services.ops.disclosures", "Show to whom anything about one client was disclosed."),
    "local": ("services.ops.servers", "Run Kafka and PostgreSQL on this machine: up, down, status, reset."),
    "check": ("services.ops.check.command", "Test Kafka, PostgreSQL and this machine for all that is relied on."),
    "logins": ("services.ops.logins", "Make a login in PostgreSQL for each service."),
    "migrate": ("services.ops.migrate", "Bring the part of the database that no rebuild can make again up to date."),
    "topics": ("services.ops.topics", "Create topics and inboxes, say who may reach them, and prove it."),
    "inbox": ("services.ops.inbox", "Show what became of what partner systems wrote over Kafka."),
    "init": ("services.ops.init", "Open an initiative, with its backbone and first registrar."),
    "publish": ("services.ops.publish", "Publish a partner's events from a file or a pipe."),
    "undo": ("services.ops.undo.command", "Take back a batch that was sent by mistake."),
    "register": ("services.ops.register", "Make admission's register again from the log."),
    "tokens": ("services.ops.tokens", "Issue, list, replace and take back the tokens of partner systems."),
    "people": ("services.ops.people", "Say who may sign in, and by which e-mail address."),
    "run": ("services.ops.run", "Run a processor, the gateway, the intake or the timekeeper in the foreground."),
    "erase": ("services.ops.erase", "Erase clients: ask, approve as two persons, run when the wait is over."),
    "keep": ("services.ops.keep", "Look after what is kept beside the log."),
    "breakglass": ("services.ops.breakglass", "Open sealed text in an emergency, as two persons."),
    "keys": ("services.ops.keys", "Change the key that wraps personal-data keys."),
    "rebuild": ("services.ops.rebuild.command", "Fold a projection from the log again, and compare."),
    "switch": ("services.ops.switch", "Take another build of a projection into service."),
    "builds": ("services.ops.stock", "Show the builds of the projections, and drop one."),
    "dump": ("services.ops.dump", "Show what a projection amounts to, as one hash a table."),
    "parked": ("services.ops.parked", "Show the entries that a view could not take."),
    "lag": ("services.ops.lag", "Show how far each projection is behind its log, and what stopped."),
    "backup": ("services.ops.backup.command", "Copy what no rebuild makes again, and check the copies."),
    "restore": ("services.ops.backup.bringing", "Bring a deployment back from a backup."),
    "schemas": ("services.ops.schemas", "Export the events' schemas, check them, and write their reference."),
}


class Groups(TyperGroup):
    """The top level: knows every group by name and help, and loads only the one that is called."""

    def __init__(self, **attributes: Any) -> None:
        attributes["commands"] = {name: TyperCommand(name=name, help=text) for name, (_, text) in GROUPS.items()}
        super().__init__(**attributes)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Return the named group, loaded.  Raises CommandBroken when it cannot be."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, load(name) if name else None, rest


def load(name: str) -> Any:
    """Return a group ready to run.  Raises CommandBroken when its module cannot be imported."""
    module = GROUPS[name][0]
    try:
        found = import_module(module).app
    except ImportError as error:
        raise CommandBroken(f"{name} ({error})") from error
    found._add_completion = False  # typer offers it for every app that it takes for the topmost
    group = typer.main.get_command(found)
    group.name = name
    return group


app = typer.Typer(
    name="manyhands",
    cls=Groups,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"manyhands {version('manyhands')}")
        raise typer.Exit


@app.callback()
def manyhands(
    _: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """Event-sourced coordination for collective-impact initiatives."""


def _log_away() -> type[Exception]:
    """Return what Kafka's client fails with, which is loaded when something failed and not before."""
    failure: type[Exception] = import_module("aiokafka.errors").KafkaError
    return failure


def main() -> None:
    """Run the command line, and end the process with its exit code."""
    keep_out_of_dumps()
    try:
        app(prog_name="manyhands")
    except Fault as fault:
        typer.echo(f"manyhands: {fault} [{fault.code}]", err=True)
        if fault.hint:
            typer.echo(f"  {fault.hint}", err=True)
        sys.exit(1)
    except _log_away() as failure:
        typer.echo(f"manyhands: Kafka does not answer: {type(failure).__name__} [log-unavailable]", err=True)
        typer.echo("  Start the embedded one with `manyhands local up`, or check MANYHANDS_KAFKA.", err=True)
        sys.exit(1)
