"""A record as it stands on the log, and how far a partition has been folded."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple, Protocol


class Record(Protocol):
    """What a projection reads of a Kafka record; aiokafka's own records fit."""

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int:
        """When the broker recorded it, in milliseconds since 1970."""
        ...

    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


class Partition(NamedTuple):
    """One partition of one topic, by the topic's name on the broker."""

    topic: str
    number: int


#: A record's key → the number of the partition that its topic keeps the key's records in.
Home = Callable[[bytes], int]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a projection stands in one partition."""

    #: The offset to read next: every record before it is folded.
    next_offset: int = 0
    #: The partition's clock in milliseconds: the running maximum of the broker's timestamps, as brokers step back.
    clock: int = 0
    #: Fingerprint of the last record folded, read again at every seek; None before the first.
    last_hash: bytes | None = None
    #: The highest rule number known when it was written: lower again when an older build went on with the log.
    rule: int = 0


def fingerprint(record: Record) -> bytes:
    """Return the SHA-256 of the exact record, each part with its length before it."""
    return sha256(b"".join(_framed(record))).digest()


def leaf(record: Record) -> bytes:
    """Return the exact record's hash as a leaf of a Merkle tree (RFC 6962): no inner node can be taken for it."""
    return sha256(b"".join((b"\0", *_framed(record)))).digest()


def _framed(record: Record) -> Iterable[bytes]:
    yield record.offset.to_bytes(8, "big") + record.timestamp.to_bytes(8, "big", signed=True)
    for part in (record.key, record.value):
        yield b"\xff\xff\xff\xff" if part is None else len(part).to_bytes(4, "big") + part
    for name, value in sorted(record.headers):
        yield len(name).to_bytes(4, "big") + name.encode() + len(value).to_bytes(4, "big") + value
