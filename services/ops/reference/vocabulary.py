"""The reference pages of the vocabulary, written from the code that judges by it."""

from collections.abc import Iterator

from events.catalogue import TYPES
from events.codelists import standard
from events.codes import CODES, UNREADABLE, By
from events.published import Published, Row, published
from services.ops.reference.page import MADE, table


def events() -> Iterator[str]:
    """Yield the page of every published type."""
    yield from ("# Events", "", MADE, "")
    yield (
        f"The {len(TYPES)} published types. The short name is accepted at every door. *Who* is the relation to the "
        "subject that the source must have; *second* says whether another person must approve. A field whose name "
        "ends in `.*` is an array's item; an id may be given as `own:<id>`; sealed text is given as text and "
        "stands encrypted on the log."
    )
    yield ""
    yield from table(("event", "topic", "who", "second"), [_summary(event) for event in published()])
    for event in published():
        yield from _event(event)


def _summary(event: Published) -> tuple[str, ...]:
    second = "yes" if event.second else "no"
    return (f"[{event.name}](#{_anchor(event.name)})", f"`{event.topic}`", event.who, second)


def _anchor(name: str) -> str:
    return name.replace(".", "")


def _event(event: Published) -> Iterator[str]:
    yield from ("", f"## {event.name}", "", event.meaning, "", f"`{event.type}`", "")
    yield from table(("field", "holds", "required"), [_field(row) for row in event.fields])


def _field(row: Row) -> tuple[str, ...]:
    return (f"`{row.path}`", row.kind, "yes" if row.required else "no")


_BY = {
    By.ADMISSION: "## Turned away\n\nBefore the log: nothing was published, and the id is free to be sent again.",
    By.FOLD: "## Refused\n\nBy a fold: the record stands, changes nothing, and its id is used.",
    By.PROCESSOR: "## Stopped\n\nA partition stands still until an operator acts; the others go on.",
    By.GATEWAY: "## Answered\n\nAt the HTTP door, about the request itself; the codes above are answered there too.",
}


def codes() -> Iterator[str]:
    """Yield the page of every code that is answered with."""
    yield from ("# Codes", "", MADE, "", "Every code that is answered with; each belongs to one of four.")
    for by, heading in _BY.items():
        yield from ("", heading, "")
        yield from table(
            ("code", "meaning"), [(f"`{code}`", means.text) for code, means in CODES.items() if means.by is by]
        )
    yield from ("", "## Unreadable", "", "Why a record was refused as `unreadable`.", "")
    yield from table(("reason", "meaning"), [(f"`{reason}`", text) for reason, text in UNREADABLE.items()])


def codelists() -> Iterator[str]:
    """Yield the page of the standard codelists."""
    yield from ("# Codelists", "", MADE, "", "What an initiative begins with; it publishes its own from then on.")
    for name, labels in standard().items():
        yield from ("", f"## {name}", "")
        yield from table(("code", "label"), [(f"`{code}`", label) for code, label in labels.items()])
