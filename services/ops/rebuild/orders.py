"""What a rebuild says to its worker processes and what they answer: lines of JSON.

They go through pipes, as a setting may hold a password and every user sees a process's arguments.
"""

from collections.abc import Mapping

import msgspec

from projections.record import Partition
from services.runtime.settings import Settings


class Job(msgspec.Struct, frozen=True):
    """The first line to a worker: where everything is, and what is rebuilt into which schema."""

    environ: dict[str, str]
    projection: str
    schema: str


class Order(msgspec.Struct, frozen=True):
    """Every further line: fold each of these partitions up to its target."""

    targets: list[tuple[Partition, int]]


class Folded(msgspec.Struct, frozen=True, tag=True):
    """A worker's line: so many more records are committed."""

    records: int


class Done(msgspec.Struct, frozen=True, tag=True):
    """A worker's line: it is ready for its first order, or has carried one out."""


class Failed(msgspec.Struct, frozen=True, tag=True):
    """A worker's last line: why it cannot go on."""

    code: str
    text: str
    hint: str


Answer = Folded | Done | Failed
read_answer = msgspec.json.Decoder(Answer).decode
read_job = msgspec.json.Decoder(Job).decode
read_order = msgspec.json.Decoder(Order).decode
_encode = msgspec.json.Encoder().encode


def line(said: Job | Order | Answer) -> bytes:
    """Return it as a line."""
    return _encode(said) + b"\n"


def environ(settings: Settings) -> dict[str, str]:
    """Return the environment from which `Settings.from_env` reads these settings."""
    return {f"MANYHANDS_{name.upper()}": str(value) for name, value in vars(settings).items() if value is not None}


def dealt(left: Mapping[Partition, int], hands: int) -> list[list[Partition]]:
    """Deal partitions out by how much is left of each: the next largest to whoever has least."""
    shares: list[list[Partition]] = [[] for _ in range(hands)]
    loads = [0] * hands
    for partition in sorted(left, key=lambda each: (-left[each], each)):
        least = loads.index(min(loads))
        shares[least].append(partition)
        loads[least] += left[partition]
    return [share for share in shares if share]
