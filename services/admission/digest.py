"""Fingerprints and ids by a keyed hash: stable over retries, and nothing can be guessed from them."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from events.door import Said
from events.ids import Keyed, derived_id
from events.masks import masked_id, unmasked_id
from services.admission.parse import Parsed
from services.admission.places import texts

#: Who says it and for whom is part of an event's identity and stands in no digest; the rest is constant.
_OUTSIDE = frozenset({"source", "initiative", "specversion", "datacontenttype", "data", "type", "time"})
_ATTRIBUTES = tuple(name for name in Said.model_fields if name not in _OUTSIDE)


def canonical(parsed: Parsed) -> bytes:
    """Return the event as its emitter said it, in the one form that equal events share.

    Full type name, `time` in UTC with microseconds, absent optionals left out, keys sorted by code point,
    no spaces; sealed text counts by the key and the place it was sealed for.
    """
    said = parsed.said
    event: dict[str, Any] = {name: value for name in _ATTRIBUTES if (value := getattr(said, name)) is not None}
    event["type"] = parsed.type
    event["time"] = parsed.time if parsed.time.microsecond else parsed.time.isoformat(timespec="microseconds")
    event["data"] = _with_sealed_named(parsed)
    return orjson.dumps(event, option=orjson.OPT_SORT_KEYS)


def _with_sealed_named(parsed: Parsed) -> Mapping[str, Any]:
    data = parsed.data
    if not [spot for spot in texts(parsed.type, data) if isinstance(spot.value, dict)]:
        return data
    copy: dict[str, Any] = orjson.loads(orjson.dumps(data))
    for spot in texts(parsed.type, copy):
        if isinstance(spot.value, dict):
            spot.put({"kid": spot.value["kid"], "pointer": spot.pointer})
    return copy


class Naming:
    """Derives ids and digests under the deployment's key, which is never rotated."""

    def __init__(self, key: bytes) -> None:
        self._key = Keyed(key)
        self.own = lru_cache(maxsize=20_000)(self._own)

    def digest(self, parsed: Parsed) -> str:
        """Return the HMAC-SHA-256 of the canonical event, in hex."""
        return self._key.digest(b"digest:" + canonical(parsed)).hex()

    def event(self, initiative: str, source: str, emitted: str) -> str:
        """Return the id on the log of the event that this source calls `emitted`."""
        return derived_id(self._key, initiative, source, "event", emitted)

    def correlation(self, initiative: str, source: str, emitted: str) -> str:
        """Return the id on the log of what this source calls `emitted` and groups events by."""
        return derived_id(self._key, initiative, source, "correlation", emitted)

    def masked(self, initiative: str, partner: str, kind: str, id_: str) -> str:
        """Return the partner's own name of something that others know as well."""
        return masked_id(self._key, id_, initiative, partner, kind)

    def unmasked(self, initiative: str, partner: str, kind: str, said: str) -> str:
        """Return what the partner means by it; what is no such name stands for itself."""
        return unmasked_id(self._key, said, initiative, partner, kind)

    def _own(self, initiative: str, partner: str, kind: str, own: str) -> str:
        return derived_id(self._key, initiative, partner, kind, own)
