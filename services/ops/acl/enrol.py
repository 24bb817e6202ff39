"""A principal that is there for the length of a check: nobody has heard of it, so it may do nothing."""

import asyncio
import hashlib
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    CompactArray,
    CompactBytes,
    CompactString,
    Int8,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

from services.runtime import log
from services.runtime.settings import Settings

#: How Kafka numbers the mechanisms, and which digest each stands on.
MECHANISMS = {"SCRAM-SHA-256": (1, "sha256"), "SCRAM-SHA-512": (2, "sha512")}
ROUNDS = 8192
#: Seconds for a new name to be known everywhere.
KNOWN_S = 15


class Answer(Response):  # type: ignore[misc]
    """What became of each name."""

    API_KEY = 51
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class Change(RequestStruct):  # type: ignore[misc]
    """Names to forget, and names to know with a salted password."""

    API_KEY = 51
    API_VERSION = 0
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = Answer
    SCHEMA = Schema(
        (
            "deletions",
            CompactArray(("name", CompactString("utf-8")), ("mechanism", Int8), ("tags", TaggedFields)),
        ),
        (
            "upsertions",
            CompactArray(
                ("name", CompactString("utf-8")),
                ("mechanism", Int8),
                ("iterations", Int32),
                ("salt", CompactBytes),
                ("salted_password", CompactBytes),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class ChangeRequest(Request[Change]):  # type: ignore[misc]
    """Change the names that may log in under SCRAM."""

    API_KEY = 51

    def __init__(self, forget: list[tuple[Any, ...]], know: list[tuple[Any, ...]]) -> None:
        self._told = (forget, know)

    def build(self, request_struct_class: type[Change]) -> Change:
        """Return the request in the one version there is."""
        return request_struct_class(*self._told, {})


@asynccontextmanager
async def stranger(settings: Settings) -> AsyncIterator[Settings]:
    """Give the settings of a name made up for this block, which the brokers know and nobody gave a right.

    Raises KafkaError when these settings may not make one.
    """
    name, password = f"{settings.topic_prefix}manyhands.check.{secrets.token_hex(6)}", secrets.token_urlsafe(32)
    number, digest = MECHANISMS[settings.kafka_sasl_mechanism]
    salt = os.urandom(16)
    salted = hashlib.pbkdf2_hmac(digest, password.encode(), salt, ROUNDS)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "password"
        file.touch(mode=0o600)
        file.write_text(password)
        await _change(settings, ChangeRequest([], [(name, number, ROUNDS, salt, salted, {})]))
        somebody = replace(settings, kafka_user=name, kafka_password_file=file)
        try:
            await _known(somebody)
            yield somebody
        finally:
            await _change(settings, ChangeRequest([(name, number, {})], []))


async def _known(somebody: Settings) -> None:
    """Wait until the broker that answers has heard of the name.  Raises TimeoutError."""
    async with asyncio.timeout(KNOWN_S):
        while True:
            try:
                async with log.admin(somebody):
                    return
            except KafkaError:
                await asyncio.sleep(0.1)


async def _change(settings: Settings, request: ChangeRequest) -> None:
    async with log.admin(settings) as client:
        answer = await client._send_request(request)
    for _, code, message, _ in answer.results:
        if code:
            raise for_code(code)(message)
