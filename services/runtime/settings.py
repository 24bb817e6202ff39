"""What differs between deployments, read once from the environment."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from events.topics import Topic
from services.runtime.errors import ServersUnknown, SettingInvalid

#: Written by the embedded servers: where they listen.
LOCAL = "local.json"


@dataclass(frozen=True)
class Settings:
    """Each field is read from MANYHANDS_<FIELD> by `from_env`."""

    #: The data folder: secrets, logs, run files and the embedded servers.
    home: Path
    #: Brokers as host:port, separated by commas.
    kafka: str
    #: A libpq URI; it holds a password, so it stays out of every representation.
    postgres: str = field(repr=False)
    #: Before every topic's name, so that deployments and tests can share a broker.
    topic_prefix: str = ""
    #: Partitions of every topic, instead of each topic's own count.
    partitions: int | None = None
    #: Which build's schema a processor writes; a rebuild writes another one beside it.
    build: str = "a"
    #: `json` for machines, `console` for people.
    log_format: str = "json"
    #: The least serious line that is logged: `debug`, `info`, `warning` or `error`.
    log_level: str = "info"
    #: The port of /healthz and /metrics on loopback; 0 chooses a free one.
    port: int = 0
    #: A name that stays the same over restarts makes Kafka hand the partitions back at once.
    instance: str | None = None
    #: Seconds without a heartbeat after which Kafka gives a worker's partitions to another.
    session: float = 10.0
    #: The most records in one transaction.
    batch: int = 5000
    #: Where the gateway listens for partners and people; anything but loopback belongs behind TLS.
    gateway_host: str = "127.0.0.1"
    #: The gateway's port; 0 chooses a free one.
    gateway_port: int = 8080
    #: How brokers are spoken to: `plaintext`, `ssl`, `sasl_plaintext` or `sasl_ssl`.
    kafka_security: str = "plaintext"
    #: How a password is proved under SASL: `SCRAM-SHA-512`, `SCRAM-SHA-256` or `PLAIN`.
    kafka_sasl_mechanism: str = "SCRAM-SHA-512"
    #: The name under which this process logs in under SASL.
    kafka_user: str | None = None
    #: A file that holds that name's password and that nobody else may read.
    kafka_password_file: Path | None = None
    #: The certificates (PEM) of the authority that signed the brokers' own; the system's when left out.
    kafka_ca_file: Path | None = None
    #: This process's own certificate (PEM), for brokers that ask for one.
    kafka_cert_file: Path | None = None
    #: The private key (PEM) of that certificate, which nobody else may read.
    kafka_key_file: Path | None = None
    #: Where people reach the gateway, as https://host; it stands in mails and says which pages are our own.
    public_url: str | None = None
    #: Addresses of proxies in front of the gateway, separated by commas: they alone say for whom they ask.
    proxies: str = ""
    #: The mail server as host:port, or `folder` to put mails into the data folder; nothing is sent when left out.
    smtp: str | None = None
    #: How the mail server is spoken to: `starttls`, `tls`, or `none`, which beyond loopback is refused.
    smtp_security: str = "starttls"
    #: The name under which the gateway logs in at the mail server, if it asks for one.
    smtp_user: str | None = None
    #: A file that holds that name's password and that nobody else may read.
    smtp_password_file: Path | None = None
    #: The certificates (PEM) of the authority that signed the mail server's own; the system's when left out.
    smtp_ca_file: Path | None = None
    #: The address that mails come from.
    mail_from: str = "manyhands@localhost"
    #: When partners are asked by mail whether their room still holds, by the initiative's clock; `off` for never.
    weekly_mail: str = "monday 08:00"
    #: The identity provider (OpenID Connect) by which people may sign in, by its issuer's URL.
    oidc_issuer: str | None = None
    #: The id under which that provider knows the gateway.
    oidc_client: str | None = None
    #: A file that holds the secret to that id and that nobody else may read; none for a public client.
    oidc_secret_file: Path | None = None
    #: Requests a second that a token or session may make for long; ten seconds' worth may come at once; 0 for no limit.
    limit_caller: float = 200.0
    #: The same for an address, whoever calls from there.
    limit_address: float = 400.0
    #: Failed attempts to show a token, a minute and address; as many may come at once; 0 for no limit.
    limit_failures: float = 60.0
    #: Attempts to sign in, an hour and address; as many may come at once; 0 for no limit.
    limit_signins: float = 60.0
    #: Live feeds that a token or session may have open at once at a gateway.
    feed_streams: int = 10
    #: Seconds between two looks at whether a live feed's reader may still read it.
    feed_recheck: float = 30.0
    #: Seconds after which a live feed that had nothing to say shows that it is there.
    feed_heartbeat: float = 15.0
    #: Seconds that a live feed's reader may take to read what was sent, before it is cut off and has to resume.
    feed_patience: float = 20.0

    def __post_init__(self) -> None:
        _one_of("log_format", self.log_format, ("json", "console"))
        _one_of("log_level", self.log_level, ("debug", "info", "warning", "error"))
        _at_least("partitions", 1 if self.partitions is None else self.partitions, 1)
        _at_least("batch", self.batch, 1)
        _at_least("session", self.session, 6)
        _one_of("kafka_security", self.kafka_security, ("plaintext", "ssl", "sasl_plaintext", "sasl_ssl"))
        _one_of("kafka_sasl_mechanism", self.kafka_sasl_mechanism, ("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"))
        _one_of("smtp_security", self.smtp_security, ("starttls", "tls", "none"))
        for name in ("limit_caller", "limit_address", "limit_failures", "limit_signins"):
            _at_least(name, getattr(self, name), 0)
        for name in ("feed_streams", "feed_recheck", "feed_heartbeat", "feed_patience"):
            _at_least(name, getattr(self, name), 1)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read the environment; raises SettingInvalid, and ServersUnknown when no servers are named or running."""
        home = home_folder(environ)
        local = _local(home)
        kafka = environ.get("MANYHANDS_KAFKA") or local.get("kafka")
        postgres = environ.get("MANYHANDS_POSTGRES") or local.get("postgres")
        if not kafka or not postgres:
            raise ServersUnknown(f"no servers are named, and none run in {home}")
        return cls(home, kafka, postgres, **_fields(environ))

    def topic(self, topic: Topic) -> str:
        """Return the topic's name on the broker."""
        return self.topic_prefix + topic.family

    def count(self, topic: Topic) -> int:
        """Return how many partitions the topic has in this deployment; a single one stays single."""
        return 1 if topic.partitions == 1 else self.partitions or topic.partitions


def home_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the data folder, whether it exists or not."""
    return Path(environ.get("MANYHANDS_HOME") or ".manyhands").absolute()


_READ: Mapping[str, Callable[[str], Any]] = {
    "topic_prefix": str,
    "partitions": int,
    "build": str,
    "log_format": str,
    "log_level": str,
    "port": int,
    "instance": str,
    "session": float,
    "batch": int,
    "gateway_host": str,
    "gateway_port": int,
    "kafka_security": str.lower,
    "kafka_sasl_mechanism": str.upper,
    "kafka_user": str,
    "kafka_password_file": Path,
    "kafka_ca_file": Path,
    "kafka_cert_file": Path,
    "kafka_key_file": Path,
    "public_url": str,
    "proxies": str,
    "smtp": str,
    "smtp_security": str.lower,
    "smtp_user": str,
    "smtp_password_file": Path,
    "smtp_ca_file": Path,
    "mail_from": str,
    "weekly_mail": str,
    "oidc_issuer": str,
    "oidc_client": str,
    "oidc_secret_file": Path,
    "limit_caller": float,
    "limit_address": float,
    "limit_failures": float,
    "limit_signins": float,
    "feed_streams": int,
    "feed_recheck": float,
    "feed_heartbeat": float,
    "feed_patience": float,
}


def _fields(environ: Mapping[str, str]) -> dict[str, Any]:
    given = {name: environ.get(f"MANYHANDS_{name.upper()}") for name in _READ}
    return {name: _value(name, text) for name, text in given.items() if text}


def _value(name: str, text: str) -> Any:
    try:
        return _READ[name](text)
    except ValueError:
        raise SettingInvalid(f"MANYHANDS_{name.upper()} is not a number: {text}") from None


def _local(home: Path) -> dict[str, str]:
    try:
        return dict(orjson.loads((home / LOCAL).read_bytes()))
    except FileNotFoundError:
        return {}
    except ValueError:
        raise SettingInvalid(f"{home / LOCAL} is not readable") from None


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise SettingInvalid(f"MANYHANDS_{name.upper()} is {value}, not one of {', '.join(allowed)}")


def _at_least(name: str, value: float, least: float) -> None:
    if value < least:
        raise SettingInvalid(f"MANYHANDS_{name.upper()} is {value}, less than {least}")
