"""The picture of the data flow: what goes from a partner's file to the referral board, and by which way."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from events.topics import ALL
from projections.referral import REFERRAL
from projections.refusal import REFUSAL
from projections.tables import tables_of

_WIDTH, _HEIGHT = 1140, 470
#: Colours come in two sets; each has the ground of its own behind it, so that both are legible anywhere.
_STYLE = (
    "text{font:14px system-ui,sans-serif;fill:#1b1b1b}.head{font-size:17px;font-weight:600}.ground{fill:#fff}"
    ".note{font-style:italic}.box{fill:#eef4fb;stroke:#0b5394;stroke-width:2}.kept{fill:#fdf3e3;stroke:#8a5a00}"
    ".arrow{fill:none;stroke:#444;stroke-width:2;marker-end:url(#tip)}.tip{fill:#444}"
    "@media(prefers-color-scheme:dark){text{fill:#e8edf3}.ground{fill:#10151c}.box{fill:#16283c;stroke:#7db4ec}"
    ".kept{fill:#33270f;stroke:#e0b25c}.arrow{stroke:#b9c4cf}.tip{fill:#b9c4cf}}"
)
_MEANING = (
    "A partner publishes events as lines of JSON. Admission validates, authorises, looks ids and dates up, seals text "
    "about people and puts each event on a Kafka topic, or turns it away with a code. The referral processor, built "
    "on Faust, reads a batch of one partition, judges and folds it, and commits rows, refusals and the position to "
    "PostgreSQL in one transaction. A rebuild walks the same way from the log into a schema of its own, and the two "
    "are compared. Keys, aliases and the register are in no log: they lie in the schema keep and have a backup of "
    "their own."
)


@dataclass(frozen=True)
class Box:
    """A thing in the picture, its corner and size in pixels."""

    head: str
    lines: tuple[str, ...]
    x: int
    y: int
    width: int
    height: int
    kept: bool = False


@dataclass(frozen=True)
class Arrow:
    """A way from one thing to another, along a path; its words begin at a point."""

    path: str
    words: str = ""
    at: tuple[int, int] = (0, 0)


def draw() -> str:
    """Return the picture as SVG, with a title and a description for those who do not see it."""
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"'
            ' aria-labelledby="title desc">',
            '<title id="title">From a partner\'s event to the referral board</title>',
            f'<desc id="desc">{_MEANING}</desc>',
            f"<style>{_STYLE}</style>",
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
            ' orient="auto-start-reverse"><path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>',
            f'<rect class="ground" width="{_WIDTH}" height="{_HEIGHT}"/>',
            *(part for arrow in _arrows() for part in _way(arrow)),
            *(part for box in _boxes() for part in _thing(box)),
            "</svg>\n",
        )
    )


def _boxes() -> tuple[Box, ...]:
    topics = tuple(topic.family for topic in ALL)
    rows = tuple(table.name.replace("_", " ") for table in (*tables_of(REFERRAL), REFUSAL))
    return (
        Box("Partner", ("its events,", "one JSON object", "a line"), 20, 60, 140, 140),
        Box("Admission", ("validates, authorises,", "looks ids and dates up,", "seals, publishes"), 230, 60, 190, 140),
        Box("Kafka: the log", topics, 490, 60, 200, 140),
        Box("Processor", ("Faust: reads,", "judges, evolves,", "views, commits"), 770, 60, 140, 140),
        Box("Read model", (*rows, "position"), 980, 30, 140, 226),
        Box("keep", ("keys, aliases, register;", "in no log, so backed", "up by itself"), 230, 330, 190, 110, True),
        Box("Rebuild", ("the same folds,", "the whole log"), 770, 330, 140, 110),
        Box("Read model", ("another build, in", "a schema of", "its own"), 980, 330, 140, 110),
    )


def _arrows() -> tuple[Arrow, ...]:
    return (
        Arrow("M160 110H224", "events", (172, 100)),
        Arrow("M230 160H166", "codes", (174, 180)),
        Arrow("M420 130H484", "kept", (436, 120)),
        Arrow("M690 130H764", "batches", (700, 120)),
        Arrow("M910 130H974", "one tx", (920, 120)),
        Arrow("M325 330V206", "a key is kept before its first text", (335, 275)),
        Arrow("M590 200V385H764", "from the beginning", (604, 375)),
        Arrow("M910 385H974"),
        Arrow("M1050 324V262", "equal, byte for byte", (905, 298)),
    )


def _thing(box: Box) -> Iterator[str]:
    kind = "box kept" if box.kept else "box"
    yield f'<rect class="{kind}" x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="8"/>'
    yield f'<text class="head" x="{box.x + 12}" y="{box.y + 28}">{escape(box.head)}</text>'
    for index, line in enumerate(box.lines):
        yield f'<text x="{box.x + 12}" y="{box.y + 56 + 22 * index}">{escape(line)}</text>'


def _way(arrow: Arrow) -> Iterator[str]:
    yield f'<path class="arrow" d="{arrow.path}"/>'
    if arrow.words:
        yield f'<text class="note" x="{arrow.at[0]}" y="{arrow.at[1]}">{escape(arrow.words)}</text>'
