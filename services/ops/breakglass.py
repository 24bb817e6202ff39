"""`manyhands breakglass`: sealed text about a referral's client opened in an emergency, as two persons."""

import asyncio
import re
from typing import Annotated

import typer

from events.fields import CODE_PATTERN, UUID_PATTERN
from projections.batch import Away
from services.admission.wiring import opened
from services.ops.glass import Wanted, broken
from services.ops.reading import Line
from services.ops.shown import AsJson, print_json
from services.runtime.logging import configure_command
from services.runtime.settings import Settings
from services.runtime.store import DatabaseAway

app = typer.Typer(help="Open sealed text in an emergency, as two persons.")


@app.command()
def breakglass(
    referral: Annotated[str, typer.Argument(help="The referral's id, a UUID as `manyhands board list` shows it.")],
    actor: Annotated[str, typer.Option(help="The random id (a UUID) of the person who reads.")],
    approver: Annotated[str, typer.Option(help="The random id of the registrar or coordinator who approved it.")],
    purpose: Annotated[str, typer.Option(help="What it is for, as a code, such as emergency.")],
    as_json: AsJson = False,
) -> None:
    """Publish `disclosure.broke_glass`, and only then show what is sealed about the referral and its client."""
    for person, option in ((actor, "--actor"), (approver, "--approver")):
        if not re.fullmatch(UUID_PATTERN, person):
            raise typer.BadParameter("a person is given by a random id (a UUID), never by name", param_hint=option)
    if not re.fullmatch(CODE_PATTERN, purpose):
        raise typer.BadParameter("a purpose is a code: small letters, digits, hyphens", param_hint="--purpose")
    configure_command()
    texts = asyncio.run(_broken(Wanted(referral, actor, approver, purpose)))
    if as_json:
        print_json(texts)
        return
    for each in texts:
        typer.echo(f"{each['field']} of {each['event']} by {each['by']}\n  {each['text']}")


async def _broken(wanted: Wanted) -> list[Line]:
    settings = Settings.from_env()
    try:
        async with opened(settings) as admission:
            return await broken(settings, admission, wanted)
    except Away as away:
        raise DatabaseAway(str(away)) from None
