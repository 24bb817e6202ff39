"""`manyhands tokens`: what partner systems show at the HTTP door; a token's text is told once and kept nowhere."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from events.fields import UUID_PATTERN
from services.gateway.access import Action
from services.gateway.tokens import Holder, Issued, Tokens
from services.ops.errors import FileTaken, NoSuchToken
from services.ops.keeping import Result, asked
from services.ops.secret import write_secret
from services.ops.shown import AsJson, print_json, print_table

#: What a partner's system asks for, as long as nothing else is said.
USUAL = tuple(
    each.value
    for each in (
        Action.EVENT_POST,
        Action.CLIENT_ALIAS,
        Action.REFERRAL_READ,
        Action.SEALED_MAKE,
        Action.DIRECTORY_READ,
        Action.FEED_READ,
        Action.INBOX_READ,
    )
)
_PERSON = re.compile(UUID_PATTERN)

app = typer.Typer(no_args_is_help=True, help="Issue, list, replace and take back the tokens of partner systems.")
Out = Annotated[Path | None, typer.Option("--out", help="Write it to this new file, for its owner's eyes only.")]
Days = Annotated[int, typer.Option(min=1, max=730, help="How many days it is valid.")]
Prefix = Annotated[str, typer.Argument(help="The eight letters between its first two underlines.")]


@app.command()
def issue(  # noqa: PLR0913, PLR0917 - each is an option of the command
    initiative: Annotated[str, typer.Option(help="The id of the initiative.")],
    partner: Annotated[str, typer.Option(help="The id of the partner whose system it is for.")],
    person: Annotated[str | None, typer.Option(help="The random id (a UUID) of the person it speaks for.")] = None,
    scope: Annotated[list[str] | None, typer.Option(help="What it may be used for; several may be given.")] = None,
    days: Days = 365,
    out: Out = None,
) -> None:
    """Issue a token.  Its text is shown here and never again."""
    if person is not None and not _PERSON.fullmatch(person):
        raise typer.BadParameter("a person is given by a random id (a UUID), never by name", param_hint="--person")
    scopes = frozenset(scope or USUAL)
    if unknown := scopes - {each.value for each in Action}:
        raise typer.BadParameter(f"there is no scope {', '.join(sorted(unknown))}", param_hint="--scope")
    holder = Holder(initiative, partner, person, scopes)
    _check_free(out)
    _tell(_asked(lambda tokens: tokens.issue(holder, timedelta(days=days))), out)


@app.command("list")
def list_(
    initiative: Annotated[str | None, typer.Option(help="Only of this initiative, by its id.")] = None,
    partner: Annotated[str | None, typer.Option(help="Only of this partner, by its id.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the tokens by their prefixes, with those that ended."""
    found = _asked(lambda tokens: tokens.list(initiative, partner))
    lines = [
        {
            "prefix": each.prefix,
            "initiative": each.initiative,
            "partner": each.partner,
            "person": each.person,
            "scopes": list(each.scopes),
            "issued": each.issued,
            "expires": each.expires,
            "revoked": each.revoked,
            "replaces": each.replaces,
        }
        for each in found
    ]
    if as_json:
        print_json(lines)
        return
    columns = ("prefix", "partner", "person", "scopes", "issued", "expires", "revoked", "replaces")
    print_table("Tokens", lines, columns, "No token was issued yet.")


@app.command()
def rotate(
    prefix: Prefix,
    days: Days = 365,
    overlap: Annotated[int, typer.Option(min=0, max=720, help="Hours that the one before goes on.")] = 168,
    out: Out = None,
) -> None:
    """Issue a token in another's place; both are valid for a while."""
    _check_free(out)
    life, both = timedelta(days=days), timedelta(hours=overlap)
    found = _asked(lambda tokens: tokens.rotate(prefix, life, both))
    if found is None:
        raise NoSuchToken(prefix)
    _tell(found, out)


@app.command()
def revoke(prefix: Prefix) -> None:
    """Take a token back; it is worth nothing from now on."""
    if not _asked(lambda tokens: tokens.revoke(prefix)):
        raise NoSuchToken(prefix)
    typer.echo(f"{prefix} is revoked")


def _check_free(out: Path | None) -> None:
    if out is not None and out.exists():
        raise FileTaken(str(out))


def _tell(issued: Issued, out: Path | None) -> None:
    if out is None:
        typer.echo(issued.text)
        return
    write_secret(out, issued.text + "\n")
    typer.echo(f"{issued.prefix}, valid until {issued.expires:%Y-%m-%d}, is in {out}")


def _asked(work: Callable[[Tokens], Awaitable[Result]]) -> Result:
    return asked("manyhands-tokens", lambda keep: work(Tokens(keep)))
