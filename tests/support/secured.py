"""Servers that ask who calls and speak TLS alone: Kafka with SCRAM and access lists, PostgreSQL with a password."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from confluent_kafka.admin import AdminClient, ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion

from services.ops.local import Kafka, Postgres, account, broker, cluster, ports, probe
from services.ops.local.broker import Ports
from services.ops.local.state import replace_text
from services.runtime.security import brokers
from services.runtime.settings import Settings
from tests.support.certificates import Authority

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


class GuardedPostgres(Postgres):
    """The embedded server with a port of its own, which lets nobody in without TLS and a password."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.home.mkdir(parents=True, exist_ok=True)
        self.authority = Authority(self.home)
        self._own = self.authority.issue("database")
        [self.port] = ports.choose(1)

    def prepare(self) -> None:
        super().prepare()
        for file in self._own:
            account.hand_over(file)
        with (self.data / "pg_hba.conf").open("a") as entries:
            entries.write("hostssl all all 127.0.0.1/32 scram-sha-256\n")

    def command(self) -> list[str]:
        tls = {"ssl": "on", "ssl_cert_file": str(self._own.certificate), "ssl_key_file": str(self._own.key)}
        return cluster.command(self.data, self.sockets, tls | {"listen_addresses": ports.HOST, "port": str(self.port)})


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
