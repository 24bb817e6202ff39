from pathlib import Path

import pytest

from events.topics import CASES
from services.runtime.errors import ServersUnknown, SettingInvalid
from services.runtime.settings import Settings, home_folder

SERVERS = {"MANYHANDS_KAFKA": "k:1,l:2", "MANYHANDS_POSTGRES": "postgresql://me:hunter2@db/x"}


def test_environment_names_every_field() -> None:
    settings = Settings.from_env(
        SERVERS | {"MANYHANDS_HOME": "/data", "MANYHANDS_PARTITIONS": "8", "MANYHANDS_SESSION": "6.5"}
    )
    assert settings == Settings(Path("/data"), "k:1,l:2", SERVERS["MANYHANDS_POSTGRES"], partitions=8, session=6.5)


def test_password_is_in_no_representation() -> None:
    assert "hunter2" not in repr(Settings.from_env(SERVERS))


def test_embedded_servers_are_found_in_their_folder(tmp_path: Path) -> None:
    (tmp_path / "local.json").write_text('{"kafka": "127.0.0.1:1", "postgres": "postgresql://h/db"}')
    settings = Settings.from_env({"MANYHANDS_HOME": str(tmp_path)})
    assert (settings.kafka, settings.postgres) == ("127.0.0.1:1", "postgresql://h/db")


def test_environment_wins_over_embedded_servers(tmp_path: Path) -> None:
    (tmp_path / "local.json").write_text('{"kafka": "127.0.0.1:1", "postgres": "postgresql://h/db"}')
    assert Settings.from_env(SERVERS | {"MANYHANDS_HOME": str(tmp_path)}).kafka == "k:1,l:2"


def test_without_servers_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ServersUnknown) as raised:
        Settings.from_env({"MANYHANDS_HOME": str(tmp_path)})
    assert (raised.value.code, "manyhands local up" in raised.value.hint) == ("servers-unknown", True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PARTITIONS", "many"),
        ("PARTITIONS", "0"),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "loud"),
        ("SESSION", "1"),
        ("BATCH", "0"),
    ],
)
def test_bad_value_names_its_variable(name: str, value: str) -> None:
    with pytest.raises(SettingInvalid, match=f"MANYHANDS_{name}"):
        Settings.from_env(SERVERS | {f"MANYHANDS_{name}": value})


def test_half_written_local_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "local.json").write_text("{")
    with pytest.raises(SettingInvalid, match=r"local\.json"):
        Settings.from_env({"MANYHANDS_HOME": str(tmp_path)})


def test_topics_carry_the_prefix_and_the_count() -> None:
    settings = Settings(Path(), "k:1", "postgresql://", topic_prefix="x.", partitions=3)
    assert (settings.topic(CASES), settings.count(CASES)) == ("x.manyhands.cases", 3)
    assert Settings(Path(), "k:1", "postgresql://").count(CASES) == 32


def test_home_is_absolute() -> None:
    assert home_folder({}) == Path.cwd() / ".manyhands"
