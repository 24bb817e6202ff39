"""What a client of Kafka is given, and what is refused before anything is sent."""

from pathlib import Path
from typing import Any

import pytest

from services.gateway.serve import Gateway
from services.runtime.errors import SettingInvalid
from services.runtime.exposure import Exposed, check, is_loopback
from services.runtime.security import brokers
from services.runtime.settings import Settings
from tests.support.certificates import Authority


def settings(postgres: str = "postgresql:///x?host=/run/pg", **more: Any) -> Settings:
    return Settings(Path(), "k:1", postgres, **more)


def secret(folder: Path, text: str, mode: int = 0o600) -> Path:
    file = folder / "password"
    file.write_text(text)
    file.chmod(mode)
    return file


def test_plain_text_sends_no_name() -> None:
    assert brokers(settings(kafka_user="me")) == {
        "bootstrap_servers": "k:1",
        "security_protocol": "PLAINTEXT",
        "ssl_context": None,
    }


def test_sasl_takes_the_password_from_its_file(tmp_path: Path) -> None:
    file = secret(tmp_path, "hunter2\n")
    told = brokers(settings(kafka_security="sasl_plaintext", kafka_user="me", kafka_password_file=file))
    assert (told["sasl_mechanism"], told["sasl_plain_username"], told["sasl_plain_password"]) == (
        "SCRAM-SHA-512",
        "me",
        "hunter2",
    )


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_password_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    file = secret(tmp_path, "hunter2", mode)
    with pytest.raises(SettingInvalid, match="0600") as raised:
        brokers(settings(kafka_security="sasl_plaintext", kafka_user="me", kafka_password_file=file))
    assert "hunter2" not in str(raised.value)


def test_password_file_must_be_there_and_say_something(tmp_path: Path) -> None:
    for file in (tmp_path / "none", secret(tmp_path, "\n")):
        with pytest.raises(SettingInvalid, match="PASSWORD_FILE"):
            brokers(settings(kafka_security="sasl_ssl", kafka_user="me", kafka_password_file=file))


def test_sasl_needs_a_name_and_a_password() -> None:
    with pytest.raises(SettingInvalid, match="KAFKA_USER"):
        brokers(settings(kafka_security="sasl_plaintext"))


def test_tls_checks_the_broker_s_certificate_and_name(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    context = brokers(settings(kafka_security="ssl", kafka_ca_file=authority.file))["ssl_context"]
    assert (context.check_hostname, context.verify_mode.name) == (True, "CERT_REQUIRED")


def test_tls_shows_a_certificate_of_its_own(tmp_path: Path) -> None:
    issued = Authority(tmp_path).issue("client")
    own: dict[str, Any] = {"kafka_cert_file": issued.certificate, "kafka_key_file": issued.key}
    assert brokers(settings(kafka_security="ssl", **own))["ssl_context"] is not None
    issued.key.chmod(0o644)
    with pytest.raises(SettingInvalid, match="KEY_FILE"):
        brokers(settings(kafka_security="ssl", **own))


@pytest.mark.parametrize("field", ["kafka_ca_file", "kafka_cert_file"])
def test_a_file_that_is_no_certificate_names_its_setting(tmp_path: Path, field: str) -> None:
    file = tmp_path / "some.pem"
    file.write_text("nothing")
    named: dict[str, Any] = {field: file}
    with pytest.raises(SettingInvalid, match=field.upper()):
        brokers(settings(kafka_security="ssl", **named))


@pytest.mark.parametrize("name", ["KAFKA_SECURITY", "KAFKA_SASL_MECHANISM"])
def test_an_unknown_way_is_named(name: str) -> None:
    with pytest.raises(SettingInvalid, match=name):
        Settings.from_env({"MANYHANDS_KAFKA": "k:1", "MANYHANDS_POSTGRES": "postgresql://", f"MANYHANDS_{name}": "x"})


def test_environment_says_how_kafka_is_reached() -> None:
    told = {"KAFKA_SECURITY": "SASL_SSL", "KAFKA_SASL_MECHANISM": "plain", "KAFKA_PASSWORD_FILE": "/p"}
    found = Settings.from_env(
        {"MANYHANDS_KAFKA": "k:1", "MANYHANDS_POSTGRES": "postgresql://"}
        | {f"MANYHANDS_{name}": text for name, text in told.items()}
    )
    assert (found.kafka_security, found.kafka_sasl_mechanism) == ("sasl_ssl", "PLAIN")
    assert found.kafka_password_file == Path("/p")


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        *((each, True) for each in ("127.0.0.1", "::1", "[::1]", "localhost")),
        *((each, False) for each in ("0.0.0.0", "::", "10.0.0.1", "db", "")),  # noqa: S104 - an example
    ],
)
def test_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


SAFE = {"kafka_security": "sasl_ssl"}
VERIFIED = "postgresql://me@db/x?sslmode=verify-full"


@pytest.mark.parametrize(
    ("found", "names"),
    [
        (settings(), "Kafka"),
        (settings(kafka_security="sasl_plaintext"), "Kafka"),
        (settings(kafka_security="ssl"), "keep nobody out"),
        (settings("postgresql://me@db/x", **SAFE), "PostgreSQL"),
        (settings("postgresql://me@db/x?sslmode=require", **SAFE), "PostgreSQL"),
        (settings("postgresql://me@127.0.0.1/x", **SAFE), "PostgreSQL"),
        (settings("postgresql:///x?host=/run/pg&host=db", **SAFE), "PostgreSQL"),
    ],
)
def test_what_is_open_keeps_a_service_on_loopback(found: Settings, names: str) -> None:
    with pytest.raises(Exposed, match=names):
        check(found, "0.0.0.0")  # noqa: S104 - what is refused
    check(found, "127.0.0.1")
    check(found, "0.0.0.0", insecure_demo=True)  # noqa: S104 - what is asked for


@pytest.mark.parametrize("uri", [VERIFIED, "postgresql:///x?host=/run/pg"])
def test_a_closed_deployment_may_listen_anywhere(uri: str) -> None:
    check(settings(uri, **SAFE), "0.0.0.0")  # noqa: S104 - what is allowed


async def test_the_gateway_does_not_open_itself_while_something_behind_it_is_open() -> None:
    with pytest.raises(Exposed):
        await Gateway(settings(gateway_host="0.0.0.0")).run()  # noqa: S104 - what is refused
