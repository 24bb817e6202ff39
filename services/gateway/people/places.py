"""Where secrets may go: addresses as others give them, which need not be any."""

from urllib.parse import urlsplit

from services.gateway.people.mail import LOOPBACK


def host_of(url: str) -> str | None:
    """Return the host of an address, None when it has none that can be read."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def safe(url: str) -> bool:
    """Say whether secrets may go there: over TLS, or to this machine itself."""
    host = host_of(url)
    return host is not None and (url.startswith("https://") or (url.startswith("http://") and host in LOOPBACK))
