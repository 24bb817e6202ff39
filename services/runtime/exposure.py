"""Whether a service may open itself to other machines as its deployment is set up."""

from ipaddress import ip_address
from urllib.parse import parse_qs, urlsplit

from services.runtime.errors import Fault
from services.runtime.settings import Settings


class Exposed(Fault):
    """A service would listen beyond this machine while something behind it is open."""

    code = "exposed"
    hint = "Close what is named, listen on loopback, or say `--insecure-demo` where nothing is at stake."


def check(settings: Settings, host: str, *, insecure_demo: bool = False) -> None:
    """Raise Exposed when `host` is beyond loopback and Kafka or PostgreSQL are not reached safely."""
    if insecure_demo or is_loopback(host):
        return
    found = weaknesses(settings)
    if found:
        raise Exposed(f"listening on {host} while " + ", and ".join(found))


def weaknesses(settings: Settings) -> list[str]:
    """Return what anybody on the way could read, write or pretend to be."""
    found = []
    if settings.kafka_security in ("plaintext", "sasl_plaintext"):
        found.append(f"Kafka is spoken to in {settings.kafka_security}")
    if settings.kafka_security == "ssl" and settings.kafka_cert_file is None:
        found.append("Kafka does not know who we are, so it can keep nobody out")
    if not _postgres_is_safe(settings.postgres):
        found.append("PostgreSQL is reached without sslmode=verify-full")
    return found


def is_loopback(host: str) -> bool:
    """Say whether only this machine reaches an address; a name other than localhost could be anywhere."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _postgres_is_safe(uri: str) -> bool:
    """A socket is guarded by the file system; anything else needs a server that proves who it is."""
    parts = urlsplit(uri)
    options = parse_qs(parts.query)
    hosts = options.get("host") or [parts.hostname or ""]
    if all(host.startswith("/") for host in hosts):
        return True
    return options.get("sslmode", [""])[-1] == "verify-full"
