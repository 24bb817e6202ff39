"""`python -m bench.peers`: make the peers' environment, unless it is there."""

import sys

from bench.peers.environment import PeersMissing, make, ready


def main() -> int:
    """Return 0 when the environment is ready."""
    try:
        if not ready():
            make()
    except PeersMissing as missing:
        sys.stderr.write(f"No peers: {missing}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
