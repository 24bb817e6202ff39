"""The offer's states as a picture, drawn from the table of transitions.

Each state is a column and each fact a row: dots mark where it may happen, the arrow where it leads.
"""

from collections.abc import Iterator
from html import escape

from projections.referral.transitions import MOVES, Move, Status

_START = "no offer yet"
_ORDER: tuple[Status | None, ...] = (
    None,
    "draft",
    "requested",
    "accepted",
    "on-hold",
    "in-progress",
    "completed",
    "failed",
    "rejected",
    "cancelled",
    "entered-in-error",
)
_LEFT, _TOP, _COLUMN, _ROW = 330, 50, 116, 34
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1b1b1b}.head{font-weight:600;text-anchor:middle}"
    ".column{stroke:#d0d0d0}.arrow{stroke:#0b5394;stroke-width:2;marker-end:url(#tip)}"
    ".dot{fill:#0b5394}.stays{fill:#fff;stroke:#0b5394;stroke-width:2}"
)


def draw(moves: tuple[Move, ...] = MOVES) -> str:
    """Return the picture as SVG, with a title and a description for those who do not see it."""
    columns = [status for status in _ORDER if _used(status, moves)]
    width, height = _LEFT + _COLUMN * len(columns) + 20, _TOP + _ROW * len(moves) + 20
    places = {status: _LEFT + _COLUMN * index + _COLUMN // 2 for index, status in enumerate(columns)}
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
            ' aria-labelledby="title desc">',
            '<title id="title">How an offer moves from state to state</title>',
            f'<desc id="desc">{escape(" ".join(sentences(moves)))}</desc>',
            f"<style>{_STYLE}</style>",
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7"'
            ' orient="auto"><path d="M0 0 8 4 0 8z" fill="#0b5394"/></marker></defs>',
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            *_columns(places, height),
            *(part for index, move in enumerate(moves) for part in _row(move, places, _TOP + _ROW * index + 30)),
            "</svg>\n",
        )
    )


def sentences(moves: tuple[Move, ...] = MOVES) -> Iterator[str]:
    """Yield each row in words."""
    for move in moves:
        sources = ", ".join(source or _START for source in move.sources)
        where = "stays as it is" if move.to is None else f"goes to {move.to} ({move.detail})"
        only = f" when {move.only}" if move.only else f", unless {move.unless}," if move.unless else ""
        yield f"{_label(move)}: from {sources}{only} it {where}."


def _used(status: Status | None, moves: tuple[Move, ...]) -> bool:
    reached = status is not None and any(move.to == status for move in moves)
    return reached or any(status in move.sources for move in moves)


def _label(move: Move) -> str:
    said_by = dict.fromkeys(str(who) for name in move.events for who in move.told_by(name))
    return f"{move.fact} ({', '.join(said_by)})"


def _columns(places: dict[Status | None, int], height: int) -> Iterator[str]:
    for status, x in places.items():
        yield f'<text class="head" x="{x}" y="24">{escape(status or _START)}</text>'
        yield f'<line class="column" x1="{x}" y1="34" x2="{x}" y2="{height - 10}"/>'


def _row(move: Move, places: dict[Status | None, int], y: int) -> Iterator[str]:
    yield f'<text x="10" y="{y + 4}">{escape(_label(move))}</text>'
    starts = [places[source] for source in move.sources]
    if move.to is not None:
        yield from _arrows(starts, places[move.to], y)
    kind = "stays" if move.to is None else "dot"
    yield from (f'<circle class="{kind}" cx="{x}" cy="{y}" r="5"/>' for x in starts)


def _arrows(starts: list[int], end: int, y: int) -> Iterator[str]:
    """Draw to the end from the farthest start on each side; a dot at the end itself means it may already be there."""
    for x in sorted({min(starts), max(starts)} - {end}):
        tip = end - 6 if x < end else end + 6
        yield f'<line class="arrow" x1="{x}" y1="{y}" x2="{tip}" y2="{y}"/>'
