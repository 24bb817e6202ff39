"""What is handed out to be shown again: unreadable, authenticated, and worth something to one caller for one purpose.

It holds places on the log and in lists, from which one could count what others say, or learn of what is not shown.
The same comes out for the same, so that an answer stays what it was.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from functools import lru_cache
from hashlib import sha256, sha512

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from services.gateway.principal import Principal

MAC_BYTES = 16
#: Characters of anything that was ever handed out, but for what says otherwise.
LONGEST = 512


class Binding:
    """Binds bytes to a caller under the deployment's key; a token that is replaced leaves them as they were."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._cipher = AESSIV(hmac.digest(key, b"binding", sha512))

    def bind(self, purpose: str, who: Principal, payload: bytes) -> str:
        """Return the payload as text that only this caller can show again for this purpose."""
        # A cipher takes something only; the first byte is there when the payload is nothing.
        closed = self._cipher.encrypt(b"\0" + payload, [_context(purpose, who)])
        return urlsafe_b64encode(closed).rstrip(b"=").decode()

    def unbind(self, purpose: str, who: Principal, text: str, longest: int = LONGEST) -> bytes | None:
        """Return the payload; None when the text was not given to this caller for this purpose."""
        if len(text) > longest or not text.isascii():
            return None
        try:
            found = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            return self._cipher.decrypt(found, [_context(purpose, who)])[1:] if len(found) > MAC_BYTES else None
        except (Error, ValueError, InvalidTag):
            return None

    def tag(self, who: Principal, content: bytes) -> str:
        """Return the entity tag of an answer: another for other content, and it confirms no guess of the content."""
        mac = hmac.digest(self._key, _context("tag", who) + content, sha256)[:MAC_BYTES]
        return f'"{urlsafe_b64encode(mac).rstrip(b"=").decode()}"'


@lru_cache(4096)  # a stream's rows are all told to one caller
def _context(purpose: str, who: Principal) -> bytes:
    parts = (purpose, who.kind, who.initiative, who.partner or "", who.actor or "")
    return b"".join(len(each.encode()).to_bytes(4, "big") + each.encode() for each in parts)
