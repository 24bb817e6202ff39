"""The tables a projection keeps, and what erasing a person does to a row of one."""

from projections.projection import Projection, Row, Table


def tables_of(projection: Projection) -> list[Table]:
    """Return the tables of the aggregates, then those of the views, each once."""
    tables = [kind.table for kind in projection.kinds.values()]
    tables += [view.table for view in projection.views]
    return list({table.name: table for table in tables}.values())


def erase(table: Table, row: Row) -> Row:
    """Return the row without what erasure takes from it, and with what it ends ended."""
    now: dict[str, object] = {"erased": True, **dict.fromkeys(table.erasable or ())}
    ending = table.ending
    if ending is not None and row[table.place(ending.column)] == ending.held:
        now |= ending.becomes
    return tuple(now.get(name, value) for name, value in zip(table.columns, row, strict=True))


def added(table: Table, one: Row, other: Row) -> Row:
    """Return the row of one key with the numbers of both added up."""
    width = len(table.key)
    return (*one[:width], *(first + second for first, second in zip(one[width:], other[width:], strict=True)))
