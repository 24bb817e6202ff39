"""`manyhands init`: open an initiative, with its backbone and first registrar."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

import orjson
import typer
import uvloop

from services.admission.admission import Admission
from services.admission.caller import System
from services.admission.founding import Founding, rows
from services.admission.wiring import opened
from services.ops.shown import AsJson
from services.runtime.errors import Fault
from services.runtime.log import create_topics
from services.runtime.logging import configure_command
from services.runtime.settings import Settings

app = typer.Typer(help="Open an initiative.")


class NotOpened(Fault):
    """The initiative could not be opened."""

    code = "not-opened"
    hint = "Mend what the code says, then run it again: what is there already stays as it is."


@app.command()
def init(  # noqa: PLR0913, PLR0917 - each is an option of the command
    initiative: Annotated[str, typer.Argument(help="Its id: small letters, digits and hyphens.")],
    zone: Annotated[str, typer.Option(help="Its IANA time zone, such as America/Chicago.")],
    backbone: Annotated[str, typer.Option(help="The id of the partner that holds it together.")] = "backbone",
    name: Annotated[str | None, typer.Option(help="What people call it; its id when left out.")] = None,
    backbone_name: Annotated[
        str | None, typer.Option(help="What people call the backbone; its id when left out.")
    ] = None,
    registrar: Annotated[
        str | None, typer.Option(help="The first registrar, by a random id (a UUID); one is made when left out.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make topics and tables, open the initiative with the standard codelists, let the backbone join.

    Whatever is there already stays as it is, so running it again is safe.
    """
    settings = Settings.from_env()
    configure_command()
    asked = Founding(
        initiative, name or initiative, zone, backbone, backbone_name or backbone, registrar or str(uuid4())
    )
    said, persons = uvloop.run(_init(settings, asked))
    if as_json:
        typer.echo(orjson.dumps({"initiative": initiative, "said": said, "registrars": persons}))
        return
    typer.echo(f"Initiative  {initiative} ({said} events said)\nRegistrar   {', '.join(persons)}")


async def _init(settings: Settings, asked: Founding) -> tuple[int, list[str]]:
    await create_topics(settings)
    async with opened(settings) as admission:
        said = await found(admission, asked)
        return said, sorted(admission.standing(asked.initiative).registrars)


async def found(
    admission: Admission, asked: Founding, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> int:
    """Say what the log does not say yet and return how many events that was.  Raises NotOpened."""
    standing = admission.standing(asked.initiative)
    known = replace(asked, backbone=standing.backbone or asked.backbone)
    said = rows(known, standing, clock())
    for result in await admission.admit(System(asked.initiative, "init"), said):
        if result.problem is not None:
            raise NotOpened(f"{result.problem.code} {result.problem.pointer}: {result.problem.text}")
    if said and not admission.standing(asked.initiative).registrars:
        raise NotOpened("the log refused it; see the refusals of the initiative")
    return len(said)
