"""What a principal can truly do, found by trying.  No attempt changes anything, even where it is let through."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from aiokafka.protocol.admin import AlterConfigsRequest, CreateTopicsRequest, DeleteRecordsRequest
from aiokafka.protocol.coordination import FindCoordinatorRequest
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from services.ops.acl import broker
from services.ops.acl.entries import Entry, Kind, Operation
from services.runtime import log
from services.runtime.settings import Settings

#: A topic, a group, the cluster: not authorised.
DENIED = frozenset({29, 30, 31})
WAIT_MS = 5000

Send = Callable[[Any], Awaitable[Any]]


async def allowed(settings: Settings, asked: Iterable[Entry]) -> dict[Entry, bool]:
    """Try each as the principal of these settings and say whether the broker let it through.  Raises KafkaError."""
    found: dict[Entry, bool] = {}
    async with log.admin(settings) as client:
        for each in asked:
            code = await _TRIED[each.kind, each.operation](client._send_request, each.name)
            found[each] = code not in DENIED
    return found


def tried(kind: Kind) -> list[Operation]:
    """Return the operations that can be tried on resources of a kind."""
    return [operation for on, operation in _TRIED if on is kind]


async def _describe(send: Send, topic: str) -> int:
    answer = await send(MetadataRequest([topic]))
    return int(answer.topics[0][0])


async def _read(send: Send, topic: str) -> int:
    answer = await send(FetchRequest(0, 0, 1, 0, [(topic, [(0, 0, 1)])]))
    return int(answer.topics[0][1][0][1])


async def _write(send: Send, topic: str) -> int:
    """Send a record that no broker stores, as its checksum is wrong; who may write is asked first."""
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, 0, 1024)
    builder.append(0, None, None, b"checking", [])
    batch = bytearray(builder.build())
    batch[-1] ^= 0xFF
    answer = await send(ProduceRequest(None, -1, WAIT_MS, [(topic, [(0, bytes(batch))])]))
    return int(answer.topics[0][1][0][1])


async def _delete(send: Send, topic: str) -> int:
    """Delete the records before offset 0: there are none."""
    answer = await send(DeleteRecordsRequest([(topic, [(0, 0)])], WAIT_MS))
    return int(answer.topics[0][1][0][2])


async def _alter(send: Send, topic: str) -> int:
    answer = await send(AlterConfigsRequest([(int(Kind.TOPIC), topic, [("retention.ms", "1000")])], validate_only=True))
    return int(answer.resources[0][0])


async def _create(send: Send, topic: str) -> int:
    answer = await send(CreateTopicsRequest([(topic, 1, 1, [], [])], WAIT_MS, validate_only=True))
    return int(answer.topic_errors[0][1])


async def _group(send: Send, group: str) -> int:
    answer = await send(FindCoordinatorRequest(group, 0))
    return int(answer.error_code)


async def _entries(send: Send, _: str) -> int:
    answer = await send(broker.everything())
    return int(answer.error_code)


_TRIED: Mapping[tuple[Kind, Operation], Callable[[Send, str], Awaitable[int]]] = MappingProxyType(
    {
        (Kind.TOPIC, Operation.DESCRIBE): _describe,
        (Kind.TOPIC, Operation.READ): _read,
        (Kind.TOPIC, Operation.WRITE): _write,
        (Kind.TOPIC, Operation.DELETE): _delete,
        (Kind.TOPIC, Operation.ALTER_CONFIGS): _alter,
        (Kind.TOPIC, Operation.CREATE): _create,
        (Kind.GROUP, Operation.DESCRIBE): _group,
        (Kind.CLUSTER, Operation.DESCRIBE): _entries,
    }
)
