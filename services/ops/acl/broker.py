"""The brokers' access entries: listed, made, taken away."""

from collections.abc import Iterable
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest

from services.ops.acl.entries import Entry, Kind, Operation, Pattern

#: "Anything" in a filter, and how permissions are numbered.
ANY, DENY, ALLOW = 1, 2, 3
SECURITY_DISABLED = 54
_KINDS, _OPERATIONS = set(Kind), set(Operation)


async def described(client: AIOKafkaAdminClient) -> set[Entry] | None:
    """Return every entry on topics, groups, transactions and the cluster; None where no broker keeps anybody out.

    Raises KafkaError, also when the caller may not see them.
    """
    answer = await client._send_request(everything())
    if answer.error_code == SECURITY_DISABLED:
        return None
    if answer.error_code:
        raise for_code(answer.error_code)(answer.error_message)
    return {
        Entry(who, Kind(kind), name, Operation(operation), Pattern(pattern), host, permission == ALLOW)
        for kind, name, pattern, entries in answer.resources
        for who, host, operation, permission in entries
        if kind in _KINDS and operation in _OPERATIONS
    }


def everything() -> DescribeAclsRequest:
    """Return the request for every entry there is."""
    return DescribeAclsRequest(ANY, None, ANY, None, None, ANY, ANY)


async def make(client: AIOKafkaAdminClient, entries: Iterable[Entry]) -> None:
    """Make the entries.  Raises KafkaError."""
    for entry in entries:
        answer = await client._send_request(CreateAclsRequest(*_numbers(entry)))
        for code, message in answer.creation_responses:
            _check(code, message)


async def take(client: AIOKafkaAdminClient, entries: Iterable[Entry]) -> None:
    """Take the entries away.  Raises KafkaError."""
    for entry in entries:
        answer = await client._send_request(DeleteAclsRequest(*_numbers(entry)))
        for code, message, *_ in answer.filter_responses:
            _check(code, message)


def _numbers(entry: Entry) -> tuple[Any, ...]:
    permission = ALLOW if entry.allows else DENY
    pattern = (int(entry.kind), entry.name, int(entry.pattern))
    return (*pattern, entry.principal, entry.host, int(entry.operation), permission)


def _check(code: int, message: str) -> None:
    if code:
        raise for_code(code)(message)
