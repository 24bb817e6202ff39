"""The peers' own virtual environment: whether it is there, and making it.

Their pins conflict with the house's and their licences are their own, so none of them is ever in the house's.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOME = ROOT / "build" / "peers"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
#: What was asked for by name; the rest is theirs.
ASKED = Path(__file__).with_name("requirements.in")
NAMES = ("bytewax", "faststream", "quixstreams")


class PeersMissing(Exception):
    """The peers could not be installed; the message says why in a line."""


def python(home: Path = HOME) -> str:
    """Return the interpreter that has the peers."""
    return str(home / "bin" / "python")


def ready(home: Path = HOME) -> bool:
    """Whether the environment is whole and holds what is pinned now."""
    stamp = home / ".ready"
    return Path(python(home)).exists() and stamp.exists() and stamp.read_text() == digest()


def make(home: Path = HOME) -> None:
    """Make the environment anew from pinned, hash-checked packages; raises PeersMissing, as without a network."""
    install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1")
    _run(sys.executable, "-m", "venv", "--clear", str(home))
    _run(python(home), *install, "--require-hashes", "--requirement", str(REQUIREMENTS))
    (home / ".ready").write_text(digest())


def versions() -> dict[str, str]:
    """Return the version each peer is pinned to."""
    lines = (line.partition("#")[0].strip() for line in ASKED.read_text().splitlines())
    pins = {name.partition("[")[0]: version for name, _, version in (line.partition("==") for line in lines)}
    return {name: pins[name] for name in NAMES}


def digest() -> str:
    """Return what stands for the packages that are pinned now."""
    return hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()


def _run(*command: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=900)
    except (OSError, subprocess.SubprocessError) as failure:
        raise PeersMissing("they could not be installed: no network, or no packages for this Python") from failure
