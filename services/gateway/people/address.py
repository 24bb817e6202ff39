"""E-mail addresses in one spelling, so that a person is found however they type theirs."""

import re

#: Characters of a whole address, and of what stands before the @, at most (RFC 5321).
LONGEST, LONGEST_LOCAL = 254, 64
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


def spelled(text: str) -> str | None:
    """Return the address in small letters with its domain as the network knows it; None when it is no address.

    What is before the @ must be ASCII: nobody's address is mistaken for one that only looks like it.
    """
    local, at, domain = text.strip(" ").rpartition("@")
    if not at or len(local) > LONGEST_LOCAL or not local.isascii() or not _LOCAL.fullmatch(local.lower()):
        return None
    network = _network(domain)
    address = f"{local.lower()}@{network}"
    return address if network and len(address) <= LONGEST else None


def _network(domain: str) -> str | None:
    if len(domain) > LONGEST:
        return None
    try:
        found = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    labels = found.split(".")
    return found if len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) else None
