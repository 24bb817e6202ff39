"""How Kafka is reached safely: one place that turns settings into what every client of the house is given."""

import ssl
import stat
from pathlib import Path
from typing import Any

from services.runtime.errors import SettingInvalid
from services.runtime.settings import Settings

#: What others may do to a file that holds a secret: nothing.
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def brokers(settings: Settings) -> dict[str, Any]:
    """Return what any aiokafka client needs to reach and trust the brokers and to log in.

    Raises SettingInvalid when a file that is needed is missing, unreadable or open to others.
    """
    options: dict[str, Any] = {
        "bootstrap_servers": settings.kafka,
        "security_protocol": settings.kafka_security.upper(),
        "ssl_context": trust(settings),
    }
    if settings.kafka_security.startswith("sasl"):
        user, password = login(settings)
        options |= {
            "sasl_mechanism": settings.kafka_sasl_mechanism,
            "sasl_plain_username": user,
            "sasl_plain_password": password,
        }
    return options


def trust(settings: Settings) -> ssl.SSLContext | None:
    """Return whom to trust and who we are under TLS; None without TLS.  Raises SettingInvalid."""
    if not settings.kafka_security.endswith("ssl"):
        return None
    try:
        context = ssl.create_default_context(cafile=settings.kafka_ca_file)
    except OSError as error:
        raise SettingInvalid(f"MANYHANDS_KAFKA_CA_FILE cannot be used: {_reason(error)}") from None
    if settings.kafka_cert_file is not None:
        if settings.kafka_key_file is not None:
            _closed("MANYHANDS_KAFKA_KEY_FILE", settings.kafka_key_file)
        try:
            context.load_cert_chain(settings.kafka_cert_file, settings.kafka_key_file)
        except OSError as error:
            raise SettingInvalid(f"MANYHANDS_KAFKA_CERT_FILE cannot be used: {_reason(error)}") from None
    return context


def login(settings: Settings) -> tuple[str, str]:
    """Return the name and password to log in with.  Raises SettingInvalid."""
    if settings.kafka_user is None or settings.kafka_password_file is None:
        raise SettingInvalid("SASL needs MANYHANDS_KAFKA_USER and MANYHANDS_KAFKA_PASSWORD_FILE")
    return settings.kafka_user, secret_in("MANYHANDS_KAFKA_PASSWORD_FILE", settings.kafka_password_file)


def secret_in(setting: str, file: Path) -> str:
    """Return what the file that the setting names holds, without the line's end.  Raises SettingInvalid."""
    _closed(setting, file)
    try:
        text = file.read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingInvalid(f"{setting} cannot be read: {_reason(error)}") from None
    if not text:
        raise SettingInvalid(f"{setting} is empty")
    return text


def _closed(setting: str, file: Path) -> None:
    try:
        mode = file.stat().st_mode
    except OSError as error:
        raise SettingInvalid(f"{setting} cannot be read: {_reason(error)}") from None
    if mode & OTHERS:
        raise SettingInvalid(f"{setting} is open to others: set its mode to 0600")


def _reason(error: Exception) -> str:
    """Return why, without the path, as its place may tell as much as its content."""
    return getattr(error, "strerror", None) or type(error).__name__
