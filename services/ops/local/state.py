"""Where the embedded servers are to be found, for whoever needs them: `local.json`."""

import json
import os
from pathlib import Path
from typing import Any


def replace_text(path: Path, text: str) -> None:
    """Write a file whole or not at all, readable by its owner only."""
    fresh = path.with_name(f"{path.name}.new")
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(file, "w") as output:
        output.write(text)
        output.flush()
        os.fsync(file)
    fresh.replace(path)


def publish(home: Path, addresses: dict[str, Any]) -> None:
    """Write the addresses and process ids of the running servers."""
    replace_text(home / "local.json", json.dumps(addresses, indent=2) + "\n")


def withdraw(home: Path) -> None:
    """Remove the addresses: nothing answers there any more."""
    (home / "local.json").unlink(missing_ok=True)
