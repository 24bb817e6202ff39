"""The end of a server's log, for an error message."""

from pathlib import Path

BYTES = 2000


def last_lines(log: Path, count: int = 3) -> str:
    """Return the last lines of a log on one line, or where it would be."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - BYTES))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return f"no log at {log}"
    return f"{' | '.join(line.strip() for line in lines[-count:])} (log: {log})"
