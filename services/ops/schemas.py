"""`manyhands schemas`: the vocabulary's exported schemas, their history and the pages made from it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

import events
from events.catalogue import TYPES
from events.compatibility import incompatible
from events.schema import export as export_schema
from events.schema import structure
from services.ops.errors import SchemaIncompatible, SchemasOutdated
from services.ops.reference.pages import pages

SOURCES = Path(next(iter(events.__path__)))
SCHEMAS = SOURCES / "schemas"
DOCS = SOURCES.parent / "docs"

app = typer.Typer(no_args_is_help=True, help="Export the events' schemas, check them, and write their reference.")


@app.command()
def export(
    draft: Annotated[
        bool, typer.Option("--draft", help="Replace schemas that are on no log yet, without history.")
    ] = False,
) -> None:
    """Write the schemas; a published one that grew is kept in `history/`, one that would break is an error."""
    SCHEMAS.mkdir(exist_ok=True)
    for full in TYPES:
        if export_one(SCHEMAS, full, draft=draft):
            typer.echo(f"wrote {full}")


@app.command()
def check() -> None:
    """Fail when a schema or page is not current, or an older version cannot share the log with it."""
    if broken := list(breaks(SCHEMAS)):
        raise SchemaIncompatible("; ".join(broken))
    if stale := [*outdated(SCHEMAS), *outdated_pages(DOCS)]:
        raise SchemasOutdated(", ".join(stale))
    typer.echo(f"{len(TYPES)} schemas are current and share the log with every older version")


@app.command()
def docs() -> None:
    """Write the pages and pictures that are made from the code."""
    for name, text in pages().items():
        path = DOCS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        typer.echo(f"wrote docs/{name}")


def export_one(folder: Path, full: str, *, draft: bool) -> bool:
    """Write one type's schema where it changed, and return whether it did.

    Raises SchemaIncompatible when it would break with the version that stands there.
    """
    path, text = folder / f"{full}.json", _text(export_schema(full))
    before = path.read_text("utf-8") if path.exists() else None
    if text == before:
        return False
    if before is not None and not draft:
        _keep(folder, full, json.loads(before))
    path.write_text(text, "utf-8")
    return True


def _keep(folder: Path, full: str, before: dict[str, Any]) -> None:
    """Put the version before into the history, unless only its words changed."""
    now = export_schema(full)
    if structure(before) == structure(now):
        return
    if places := incompatible(before, now):
        raise SchemaIncompatible(f"{full} at {', '.join(places)}")
    kept = folder / "history" / full
    kept.mkdir(parents=True, exist_ok=True)
    (kept / f"{len(list(kept.glob('*.json'))) + 1}.json").write_text(_text(before), "utf-8")


def outdated(folder: Path) -> Iterator[str]:
    """Yield the types whose committed schema is not the code's, and those that were published and are gone."""
    committed = {path.stem: path.read_text("utf-8") for path in folder.glob("*.json")}
    current = {full: _text(export_schema(full)) for full in TYPES}
    yield from sorted(full for full in committed | current if committed.get(full) != current.get(full))


def outdated_pages(folder: Path) -> Iterator[str]:
    """Yield the generated pages and pictures that are missing or not what the code says."""
    for name, text in pages().items():
        path = folder / name
        if not path.exists() or path.read_text("utf-8") != text:
            yield name


def breaks(folder: Path) -> Iterator[str]:
    """Yield the places in which an older version of a type and the current one could not read each other."""
    for path in sorted(folder.glob("history/*/*.json")):
        older, full = json.loads(path.read_text("utf-8")), path.parent.name
        yield from (f"{full} {path.stem} at {place}" for place in incompatible(older, export_schema(full)))


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
