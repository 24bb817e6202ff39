"""Free TCP ports on loopback."""

import random
import socket
from pathlib import Path

HOST = "127.0.0.1"

_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")


def is_free(port: int) -> bool:
    """Whether nothing listens on this loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def choose(count: int) -> list[int]:
    """Return `count` free ports outside the range from which outgoing connections are numbered.

    A port inside it can be taken by any client while its server restarts: a client that tries
    again and again may even connect to itself.

    Raises OSError when too few are free.
    """
    candidates = list(_candidates())
    random.SystemRandom().shuffle(candidates)
    chosen: list[int] = []
    for port in candidates:
        if is_free(port):
            chosen.append(port)
        if len(chosen) == count:
            return chosen
    raise OSError("no free port on loopback")


def _candidates() -> range:
    try:
        low, high = (int(number) for number in _EPHEMERAL.read_text().split())
    except FileNotFoundError:
        low, high = 49152, 65535
    below, above = range(20000, min(low, 32000)), range(high + 1, 65536)
    return below if len(below) >= len(above) else above
