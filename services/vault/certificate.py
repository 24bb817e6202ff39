"""Certificates of erasure: what was destroyed and when, what remains, signed so that anybody can check it.  Pure."""

from collections.abc import Mapping
from datetime import UTC, timedelta
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.vault.erasures import Erasure
from services.vault.errors import CertificateInvalid, SealInvalid
from services.vault.sealing import decoded, encoded

#: The epoch changes every month, with some days' grace: no copy of a database opens the text after that.
EPOCH, LONGEST_EPOCH = timedelta(days=30), timedelta(days=35)
REMAINS = (
    "Facts under a random id, without name or text: which partners were asked for what, and when.",
    "Copies that partners made of what they were shown while consent was in force.",
)


def certify(secret: bytes, erasure: Erasure) -> dict[str, Any]:
    """Return the signed certificate of a finished erasure; it names the person by no id at all."""
    if erasure.done_at is None:
        raise ValueError("the erasure is not done")
    key = Ed25519PrivateKey.from_private_bytes(secret)
    done = erasure.done_at.astimezone(UTC)
    statement: dict[str, Any] = {
        "certificate": erasure.certificate,
        "initiative": erasure.initiative,
        "asked_at": erasure.asked_at.astimezone(UTC).isoformat(),
        "erased_at": done.isoformat(),
        "gone_from_backups_by": (done + LONGEST_EPOCH).isoformat(),
        "remains": list(REMAINS),
        "key": encoded(key.public_key().public_bytes_raw()),
    }
    return statement | {"signature": encoded(key.sign(_canonical(statement)))}


def check(certificate: Mapping[str, Any], public: str) -> None:
    """Raise CertificateInvalid unless the holder of this public key signed exactly this."""
    statement = {name: value for name, value in certificate.items() if name != "signature"}
    try:
        key = Ed25519PublicKey.from_public_bytes(decoded(public))
        key.verify(decoded(str(certificate.get("signature"))), _canonical(statement))
    except (InvalidSignature, SealInvalid, ValueError):
        raise CertificateInvalid("the signature does not fit") from None


def _canonical(statement: Mapping[str, Any]) -> bytes:
    return orjson.dumps(dict(statement), option=orjson.OPT_SORT_KEYS)
