"""The small real deployment, as far as reading it can show."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from events.topics import settings
from services.ops import main
from services.ops.local import broker, cluster
from services.ops.logins import FILE, LOGINS, login
from services.ops.stage import PROCESSORS
from services.runtime.settings import Settings

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
BROKERS = [name for name, service in SERVICES.items() if service["image"].startswith("apache/kafka:")]
ENVIRONMENTS = [SERVICES[name]["environment"] for name in BROKERS]


def test_three_brokers_of_the_version_that_is_tested() -> None:
    assert [SERVICES[name]["image"] for name in BROKERS] == [f"apache/kafka:{broker.version()}"] * 3
    assert [environment["KAFKA_NODE_ID"] for environment in ENVIRONMENTS] == ["1", "2", "3"]
    assert len({SERVICES[name]["volumes"][0] for name in BROKERS}) == 3
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", ENVIRONMENTS[0]["CLUSTER_ID"])


def test_postgres_is_of_the_version_that_is_tested() -> None:
    assert SERVICES["postgres"]["image"] == f"postgres:{cluster.MAJOR}"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_acknowledged_records_survive_the_loss_of_a_broker(environment: dict[str, str]) -> None:
    log = settings(len(BROKERS))
    assert environment["KAFKA_MIN_INSYNC_REPLICAS"] == log["min.insync.replicas"] == "2"
    assert environment["KAFKA_UNCLEAN_LEADER_ELECTION_ENABLE"] == log["unclean.leader.election.enable"] == "false"
    assert environment["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    factors = {value for name, value in environment.items() if name.endswith("REPLICATION_FACTOR")}
    assert factors == {"3"}
    assert {value for name, value in environment.items() if name.endswith("MIN_ISR")} == {"2"}


def test_every_voter_is_a_broker_that_exists() -> None:
    voters = ENVIRONMENTS[0]["KAFKA_CONTROLLER_QUORUM_VOTERS"]
    expected = ",".join(f"{number}@{name}:9093" for number, name in enumerate(BROKERS, 1))
    assert voters == expected


@pytest.mark.parametrize(("name", "environment"), list(zip(BROKERS, ENVIRONMENTS, strict=True)))
def test_broker_advertises_to_this_machine_the_port_it_publishes(name: str, environment: dict[str, str]) -> None:
    (published,) = SERVICES[name]["ports"]
    _, outside, inside = published.split(":")
    assert outside == inside
    assert f"HOST://:{inside}" in environment["KAFKA_LISTENERS"]
    assert environment["KAFKA_ADVERTISED_LISTENERS"] == f"INTERNAL://{name}:9092,HOST://127.0.0.1:{outside}"


def test_every_published_port_is_on_loopback() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert len(published) == 5
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []


def test_no_password_is_written_down() -> None:
    passwords = re.findall(r"PASSWORD: (.*)|manyhands:([^@\n]*)@", (ROOT / "docker-compose.yml").read_text())
    assert len(passwords) == 2
    assert all("".join(found).startswith("${POSTGRES_PASSWORD:?") for found in passwords)
    owners = {name for name, each in SERVICES.items() if "POSTGRES_PASSWORD" in str(each)}
    assert owners == {"postgres", "setup", "operator"}


@pytest.mark.parametrize("service", LOGINS)
def test_each_service_logs_in_for_itself_by_a_password_that_no_other_mounts(service: str) -> None:
    uri = urlsplit(SERVICES[service]["environment"]["MANYHANDS_POSTGRES"])
    assert (uri.username, uri.password, uri.hostname) == (login(service), None, "postgres")
    assert parse_qs(uri.query) == {"passfile": [f"/login/{FILE}"]}
    assert f"login-{service}:/login:ro" in SERVICES[service]["volumes"]
    assert f"login-{service}:/logins/{service}" in SERVICES["setup"]["volumes"]
    mounting = [name for name, each in SERVICES.items() if f"login-{service}:" in str(each.get("volumes"))]
    assert sorted(mounting) == sorted(["setup", service])


def test_all_that_runs_has_a_login() -> None:
    runs = {name for name, each in SERVICES.items() if each.get("command", [None])[0] == "run"}
    assert runs == set(LOGINS)


def test_secrets_are_with_those_who_seal_and_open() -> None:
    assert {name for name, each in SERVICES.items() if "manyhands:/data" in each.get("volumes", [])} == {
        "gateway",
        "intake",
        "operator",
        "timekeeper",
    }


MAILING = ("gateway", "notifications")


@pytest.mark.parametrize("service", MAILING)
def test_those_who_mail_are_told_of_the_same_mail_server(service: str) -> None:
    assert COMPOSE["x-mail"].items() <= SERVICES[service]["environment"].items()
    assert "mail:/mail:ro" in SERVICES[service]["volumes"]
    assert COMPOSE["x-mail"]["MANYHANDS_SMTP_PASSWORD_FILE"] == "${MANYHANDS_SMTP_USER:+/mail/password}"
    assert " /mail\n" in (ROOT / "Dockerfile").read_text()


def test_nobody_else_may_mail_or_knows_the_mail_server_s_password() -> None:
    assert {name for name, each in SERVICES.items() if "MANYHANDS_SMTP" in str(each.get("environment"))} == {*MAILING}
    mounting = {name for name, each in SERVICES.items() if "mail:/mail" in str(each.get("volumes"))}
    assert mounting == {*MAILING, "operator"}


@pytest.mark.parametrize(("host", "expected"), [("", None), ("mail.example.org:587", "mail.example.org:587")])
def test_what_is_left_empty_counts_as_not_said(host: str, expected: str | None) -> None:
    """Compose fills in what the environment says; every name is a setting's, as one that is none is never read."""
    said = {"MANYHANDS_SMTP": host, "MANYHANDS_SMTP_USER": "manyhands" if host else ""}
    filled = {name: _filled(text, said) for name, text in COMPOSE["x-mail"].items()}
    assert {name.removeprefix("MANYHANDS_").lower() for name in filled} <= {each.name for each in fields(Settings)}
    found = Settings.from_env({"MANYHANDS_KAFKA": "k", "MANYHANDS_POSTGRES": "p", **filled})
    assert (found.smtp, found.public_url, found.smtp_security) == (expected, None, "starttls")
    assert found.smtp_password_file == (Path("/mail/password") if host else None)


def _filled(text: str, said: dict[str, str]) -> str:
    found = re.fullmatch(r"\$\{(\w+):([-+])(.*)\}", text)
    assert found is not None, text
    given = said.get(found[1], "")
    return (given or found[3]) if found[2] == "-" else (found[3] if given else "")


def test_folders_of_passwords_are_in_the_image_for_their_owner() -> None:
    made = re.search(r"for each in ([a-z ]+);", (ROOT / "Dockerfile").read_text())
    assert made is not None
    assert set(made[1].split()) == set(LOGINS)


def test_commands_that_are_run_exist() -> None:
    script = " ".join(SERVICES["setup"]["command"])
    assert set(re.findall(r"manyhands (\w+)", script)) <= set(main.GROUPS)
    commands = set(main.load("run").commands)
    assert {name: SERVICES[name]["command"] for name in PROCESSORS} == {name: ["run", name] for name in PROCESSORS}
    assert set(PROCESSORS) <= commands


@pytest.mark.parametrize("processor", PROCESSORS)
def test_processor_waits_for_all_that_it_needs(processor: str) -> None:
    waits = {name: each["condition"] for name, each in SERVICES[processor]["depends_on"].items()}
    healthy = dict.fromkeys((*BROKERS, "postgres"), "service_healthy")
    assert waits == {**healthy, "setup": "service_completed_successfully"}


def test_every_volume_is_declared() -> None:
    mounted = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert mounted == set(COMPOSE["volumes"])


def test_image_installs_what_is_locked_and_runs_without_root() -> None:
    lines = (ROOT / "Dockerfile").read_text()
    assert "--require-hashes --requirement requirements.txt" in lines
    assert "\nUSER manyhands\n" in lines
    ignored = (ROOT / ".dockerignore").read_text().split()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", lines, re.MULTILINE)
    assert [name for line in copied for name in line.split() if f"!{name}" not in ignored] == []
