"""`python -m tests`: all tests in two lots side by side, as most of their time is spent waiting for processes.

The larger lot is seen as it runs, the other's output follows it.  Each lot starts servers of its own.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: The lot that is not watched: whole processes, killed and started again and again, and then what needs none.
APART = ("tests/acceptance", "tests/docs", "tests/faults", "tests/unit")


def main() -> int:
    """Run both lots and return 0 when both passed."""
    watched = ["tests", *(f"--ignore={folder}" for folder in APART)]
    with tempfile.TemporaryFile() as output:
        apart = subprocess.Popen(_pytest("apart", *APART), cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        try:
            codes = [subprocess.call(_pytest("watched", *watched), cwd=ROOT), apart.wait()]
        finally:
            apart.terminate()
            apart.wait()
        output.seek(0)
        sys.stdout.buffer.write(output.read())
        sys.stdout.flush()
    return max(map(abs, codes))


def _pytest(lot: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-o", f"cache_dir=.pytest_cache/{lot}", *arguments]


if __name__ == "__main__":
    sys.exit(main())
