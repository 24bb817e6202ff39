"""Tables that a small screen shows as blocks, each cell with its column's name.  Pure.

The roles say that it is a table all the same: browsers forget that of one whose rows are shown as blocks.
"""

from collections.abc import Iterable, Sequence

from services.gateway.pages.html import Html, tag


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Html:
    """Return the table; the first cell of each row names the row."""
    head = tag("tr", *(tag("th", column, scope="col", role="columnheader") for column in columns), role="row")
    body = [_row(columns, cells) for cells in rows]
    said = tag("caption", caption, class_="unseen")
    return tag("table", said, tag("thead", head, role="rowgroup"), tag("tbody", *body, role="rowgroup"), role="table")


def _row(columns: Sequence[str], cells: Sequence[str]) -> Html:
    first = tag("th", tag("span", cells[0]), scope="row", role="rowheader", data_label=columns[0])
    rest = zip(cells[1:], columns[1:], strict=True)
    shown = [_cell(cell, label) for cell, label in rest]
    return tag("tr", first, *shown, role="row")


def _cell(cell: str, label: str) -> Html:
    """Return a cell; an empty one is nothing to be read where each stands with its column's name."""
    look: dict[str, str] = {} if cell else {"class_": "none"}
    return tag("td", tag("span", cell), role="cell", data_label=label, **look)
