"""The page of every table, as PostgreSQL is told to make it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from projections import store
from projections.communication import COMMUNICATION
from projections.disclosure import DISCLOSURE
from projections.initiative import INITIATIVE
from projections.measurement import MEASUREMENT
from projections.projection import Projection
from projections.referral import REFERRAL
from projections.refusal import REFUSAL
from projections.sql import statement
from projections.tables import tables_of
from services import runtime
from services.ops.reference.page import MADE

_STORE = Path(next(iter(store.__path__)))
_KEEP = Path(next(iter(runtime.__path__))) / "keep"


def tables() -> Iterator[str]:
    """Yield the page of the read models' tables and of what is kept beside them."""
    yield from ("# Tables", "", MADE, "")
    yield (
        "A read model lives in a schema of its own, `rm_<projection>_v<version>_<build>`; `keep.active` says which "
        "build is served. All of it can be dropped and folded again from the log. The schema `keep` cannot."
    )
    for projection in (REFERRAL, MEASUREMENT, COMMUNICATION, DISCLOSURE, INITIATIVE):
        yield from _projection(projection)
    yield from ("", "## In every read model")
    yield from _shown("refusal", statement(REFUSAL.sql, "create"))
    for name in ("position", "parked"):
        yield from _shown(name, statement(_STORE / f"{name}.sql", "create"))
    yield from ("", "## The schema keep", "", "Numbered migrations, applied by `manyhands migrate`.")
    for path in _migrations():
        yield from _shown(path.name, path.read_text("utf-8").strip())


def _projection(projection: Projection) -> Iterator[str]:
    yield from ("", f"## The projection {projection.name}", "")
    yield f"Version {projection.version}, folded from `{projection.topic.family}`."
    for table in tables_of(projection):
        yield from _shown(f"{projection.name}: {table.name}", statement(table.sql, "create"))


def _shown(name: str, sql: str) -> Iterator[str]:
    yield from ("", f"### {name}", "", "```sql", sql, "```")


def _migrations() -> Sequence[Path]:
    return sorted(_KEEP.glob("*.sql"))
