"""Servers that speak TLS alone: Kafka, which asks who calls and keeps entries of rights, and PostgreSQL."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._scram import ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion

from services.ops.local import Kafka, broker, ports, probe
from services.ops.local.broker import Ports
from services.ops.local.state import replace_text
from services.runtime.security import brokers
from services.runtime.settings import Settings
from tests.support.certificates import Authority

#: How a client of PostgreSQL asks for TLS: eight bytes, a length and a number.
SSL_REQUEST = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")
OPERATOR, SECRET = "manyhands.operator", "correct-horse"
SCRAM = "SCRAM-SHA-512"
_LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule required"


class GuardedKafka(Kafka):
    """The embedded node behind SASL_SSL and the standard authorizer; whoever has no entry may do nothing."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.home.mkdir(parents=True, exist_ok=True)
        self.authority = Authority(self.home)
        self._own = self.authority.issue("broker")

    def properties(self, data: Path, listen: Ports) -> str:
        client, control = f"GUARDED://{ports.HOST}:{listen.broker}", f"CONTROLLER://{ports.HOST}:{listen.controller}"
        return broker.properties(
            data,
            listen,
            {
                "listeners": f"{client},{control}",
                "advertised.listeners": client,
                "listener.security.protocol.map": "GUARDED:SASL_SSL,CONTROLLER:SSL",
                "inter.broker.listener.name": "GUARDED",
                "sasl.enabled.mechanisms": SCRAM,
                "sasl.mechanism.inter.broker.protocol": SCRAM,
                "listener.name.guarded.scram-sha-512.sasl.jaas.config": (
                    f'{_LOGIN} username="{OPERATOR}" password="{SECRET}";'
                ),
                "ssl.keystore.type": "PEM",
                "ssl.keystore.location": str(self._own.both),
                "ssl.truststore.type": "PEM",
                "ssl.truststore.location": str(self.authority.file),
                "listener.name.controller.ssl.client.auth": "required",
                "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "allow.everyone.if.no.acl.found": "false",
                "super.users": f"User:{OPERATOR};User:CN=broker",
            },
        )

    def formatting(self) -> Sequence[str]:
        return ("--add-scram", f"{SCRAM}=[name={OPERATOR},password={SECRET}]")

    def probed(self, address: str, cluster: str) -> bool:
        return probe.kafka(address, cluster, **login(self.settings(address, "")))

    def settings(self, address: str, postgres: str) -> Settings:
        """Return the operator's own settings."""
        return as_user(Settings(self.home, address, postgres, kafka_ca_file=self.authority.file), OPERATOR, SECRET)


class Door:
    """TLS in front of a PostgreSQL that has none of its own: what a client sends reaches the real server."""

    def __init__(self, folder: Path, sockets: Path) -> None:
        self.authority = Authority(folder)
        self._socket = sockets / ".s.PGSQL.5432"
        own = self.authority.issue("database")
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(own.certificate, own.key)
        #: Connections that were asked for without TLS and sent away.
        self.refused = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[int]:
        """Listen on loopback while the block runs; yield the port."""
        async with await asyncio.start_server(self._admit, ports.HOST) as server:
            yield int(server.sockets[0].getsockname()[1])

    async def _admit(self, outside: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        if await outside.readexactly(8) != SSL_REQUEST:
            self.refused += 1
            back.close()
            return
        back.write(b"S")
        try:
            await back.start_tls(self._context)
            inside, there = await asyncio.open_unix_connection(self._socket)
            await asyncio.gather(_pass(outside, there), _pass(inside, back))
        except OSError:
            back.close()


async def _pass(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while some := await source.read(65_536):
        target.write(some)
        await target.drain()
    target.close()


@dataclass
class Secured:
    """The guarded broker of a test session; `operator` is its super user's settings."""

    operator: Settings
    _users: dict[str, str] = field(default_factory=dict)

    def user(self, name: str, base: Settings | None = None) -> Settings:
        """Return the settings of somebody who may log in, made when they are first asked for."""
        if name not in self._users:
            self._users[name] = uuid4().hex
            self._enrol(name, self._users[name])
        return as_user(base or self.operator, name, self._users[name])

    def _enrol(self, name: str, secret: str) -> None:
        scram = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
        wanted = UserScramCredentialUpsertion(name, scram, secret.encode())
        client = AdminClient(librdkafka(self.operator))
        for done in client.alter_user_scram_credentials([wanted]).values():
            done.result(30)


def as_user(settings: Settings, name: str, secret: str) -> Settings:
    """Return the settings of a process that logs in under this name; the password lies in a file of its own."""
    file = settings.home / f"{name}.password"
    replace_text(file, secret)
    return replace(
        settings, kafka_security="sasl_ssl", kafka_sasl_mechanism=SCRAM, kafka_user=name, kafka_password_file=file
    )


def login(settings: Settings) -> dict[str, Any]:
    """Return what an aiokafka client is given beside its brokers' addresses."""
    return {name: value for name, value in brokers(settings).items() if name != "bootstrap_servers"}


def librdkafka(settings: Settings) -> dict[str, Any]:
    """Return the same for a client of another make."""
    told = brokers(settings)
    return {
        "bootstrap.servers": settings.kafka,
        "security.protocol": told["security_protocol"],
        "sasl.mechanism": told["sasl_mechanism"],
        "sasl.username": told["sasl_plain_username"],
        "sasl.password": told["sasl_plain_password"],
        "ssl.ca.location": str(settings.kafka_ca_file),
    }
