"""Consistency tokens: how far the log must be folded for a caller to read what it wrote."""

import struct

from events.topics import ALL
from services.admission.publish import At
from services.gateway.binding import Binding
from services.gateway.principal import Principal
from services.gateway.problems import ProblemError
from services.runtime.settings import Settings

PURPOSE = "consistency"
#: Which topic, partition and offset.
_FORM = struct.Struct(">BIQ")


class Consistency:
    """Makes tokens of places on the log, and places of tokens, for the caller they were given to."""

    def __init__(self, settings: Settings, binding: Binding) -> None:
        self._topics = [settings.topic(topic) for topic in ALL]
        self._binding = binding

    def token(self, who: Principal, at: At) -> str:
        """Return the token for an event that stands at this place."""
        payload = _FORM.pack(self._topics.index(at.topic), at.partition, at.offset)
        return self._binding.bind(PURPOSE, who, payload)

    def at(self, who: Principal, token: str) -> At:
        """Return the place.  Raises ProblemError when the token was not given to this caller."""
        payload = self._binding.unbind(PURPOSE, who, token)
        if payload is None or len(payload) != _FORM.size:
            raise ProblemError(400, "bad-token")
        topic, partition, offset = _FORM.unpack(payload)
        if topic >= len(self._topics):
            raise ProblemError(400, "bad-token")
        return At(self._topics[topic], partition, offset)
