"""`manyhands undo`: take back a batch that a partner sent by mistake."""

from collections import Counter
from typing import Annotated

import typer
import uvloop

from events.authority import PARTNER, partner_of
from services.ops.bar import bar
from services.ops.shown import AsJson, print_json, print_table
from services.ops.undo.outcome import answer, exit_code, left_of, said_of
from services.ops.undo.saying import PATIENCE_S, Sent, Undone, taken_back
from services.runtime.logging import configure_command
from services.runtime.settings import Settings

#: Lines shown of what was refused, and of what a person has to decide.
SHOWN = 50

app = typer.Typer(help="Take back a batch that was sent by mistake.")


@app.command()
def undo(  # noqa: PLR0913, PLR0917 - each is an option of the command
    source: Annotated[str, typer.Option(help="Who sent it: a partner's id, or its source as a URN.")],
    correlation: Annotated[str, typer.Option(help="The correlation id that its events were sent with.")],
    initiative: Annotated[str | None, typer.Option(help="The initiative; needed when several are open.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be said; publish nothing.")] = False,
    wait: Annotated[
        float, typer.Option(min=0, max=3600, help="Seconds to wait for what the rules make of it.")
    ] = PATIENCE_S,
    as_json: AsJson = False,
) -> None:
    """Say, on the partner's behalf, what fits to take the batch back from where things stand now.

    Nothing is edited or removed: an offer nobody answered is recalled, one that was accepted is asked to be
    cancelled, and so on.  What only a person can decide is listed.  Said twice it changes nothing more.
    Exit codes: 0 all done, 1 some turned away or refused by the rules, 3 the log did not answer (run it again),
    4 all said, and what became of it is not known yet.
    """
    partner = partner_of(source) or source
    settings = Settings.from_env()
    configure_command()
    undone = uvloop.run(_undo(settings, Sent(partner, correlation, initiative), wait, dry_run=dry_run))
    if as_json:
        print_json(answer(undone, dry_run=dry_run))
    else:
        _tell(partner, undone, dry_run=dry_run)
    raise typer.Exit(exit_code(said_of(undone), dry_run=dry_run))


async def _undo(settings: Settings, sent: Sent, wait: float, *, dry_run: bool) -> Undone:
    with bar() as progress:
        progress.step("reading", None)
        return await taken_back(settings, sent, progress.advance, dry_run=dry_run, wait=wait)


def _tell(partner: str, undone: Undone, *, dry_run: bool) -> None:
    said, left = said_of(undone), left_of(undone)
    counts = Counter((each.step.type, each.became(dry_run=dry_run)) for each in said)
    lines = [{"event": name, "became": became, "count": count} for (name, became), count in counts.items()]
    print_table("Taken back", lines, ("event", "became", "count"), "Nothing of this batch is left to take back.")
    refused = [each.refusal() for each in said if each.is_refused]
    if refused:
        title = f"{len(refused)} refused by the rules: run it again, and it says what fits now"
        print_table(title, refused[:SHOWN], ("type", "about", "code", "why"), "")
    if left:
        shown = [vars(step) for step in left[:SHOWN]]
        print_table(f"{len(left)} for a person to decide", shown, ("subject", "said", "why"), "")
    waits = 0 if dry_run else sum(each.is_open for each in said)
    if waits:
        typer.echo(f"What the rules make of {waits} of them is not known yet: they stand on the log. What they refuse")
        typer.echo(f"is told later by: manyhands refusals list --source {PARTNER}{partner}")
