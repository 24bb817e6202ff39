"""The zone that times are shown in."""

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

#: Offered by every command that shows times.
InZone = Annotated[str, typer.Option("--zone", help="Show times in this IANA zone, such as America/Chicago.")]


def zone_named(name: str) -> ZoneInfo:
    """Return the zone.  Raises BadParameter when there is none of this name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise typer.BadParameter(f"there is no zone {name!r}", param_hint="--zone") from None
