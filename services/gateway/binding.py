"""What is handed out to be shown again: opaque, authenticated, and worth something to one caller for one purpose."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from hashlib import sha256

from services.gateway.principal import Principal

MAC_BYTES = 16
#: Characters of anything that was ever handed out, but for what says otherwise.
LONGEST = 512


class Binding:
    """Binds bytes to a caller under the deployment's key; a token that is replaced leaves them as they were."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def bind(self, purpose: str, who: Principal, payload: bytes) -> str:
        """Return the payload as text that only this caller can show again for this purpose."""
        return urlsafe_b64encode(self._mac(purpose, who, payload) + payload).rstrip(b"=").decode()

    def unbind(self, purpose: str, who: Principal, text: str, longest: int = LONGEST) -> bytes | None:
        """Return the payload; None when the text was not given to this caller for this purpose."""
        if len(text) > longest or not text.isascii():
            return None
        try:
            found = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except (Error, ValueError):
            return None
        mac, payload = found[:MAC_BYTES], found[MAC_BYTES:]
        return payload if hmac.compare_digest(mac, self._mac(purpose, who, payload)) else None

    def tag(self, who: Principal, content: bytes) -> str:
        """Return the entity tag of an answer: another for other content, and it confirms no guess of the content."""
        return f'"{urlsafe_b64encode(self._mac("tag", who, content)).rstrip(b"=").decode()}"'

    def _mac(self, purpose: str, who: Principal, payload: bytes) -> bytes:
        parts = (purpose, who.kind, who.initiative, who.partner or "", who.actor or "")
        framed = b"".join(len(each.encode()).to_bytes(4, "big") + each.encode() for each in parts)
        return hmac.digest(self._key, framed + payload, sha256)[:MAC_BYTES]
