"""Requests that two records be one person's, as those who decide are told of them: of neither record anything."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from events.codes import CODES
from services.gateway.oneperson.decisions import REASONS
from services.gateway.oneperson.requests import LinkRequest, State
from services.gateway.pages.html import Html, tag
from services.gateway.pages.known import PROTECTED_PARTNER, Known
from services.gateway.pages.staff import ONE_PERSON
from services.gateway.pages.tables import table
from services.gateway.parts import Parts
from services.gateway.principal import Principal
from services.gateway.protection import is_protected

_COLUMNS = ("Asked", "What", "By", "How it stands", "Next step")
_WISH = {True: "Take two records for one person's", False: "Take two records for two persons' again"}
_STATES: Mapping[State, str] = MappingProxyType(
    {
        "waiting": "Waits for two persons",
        "refused": "Refused",
        "expired": "Nobody decided in time",
        "approved": "Approved, and not known yet what became of it",
        "published": "Done",
        "partly-applied": "Approved, and done for one of the two records alone",
        "not-applied": "Approved, and not possible",
    }
)


@dataclass(frozen=True)
class Desk:
    """Somebody who decides, for one request of theirs."""

    parts: Parts
    who: Principal
    known: Known
    #: By their random id.
    person: str

    def table(self, caption: str, asked: Iterable[LinkRequest]) -> Html:
        """Return requests, each with the way to it."""
        rows = [self._row(each) for each in asked]
        return table(caption, _COLUMNS, rows) if rows else tag("p", "There is none.", class_="empty")

    def _row(self, asked: LinkRequest) -> Sequence[str]:
        said = "Decide" if is_open(asked) else "Look"
        label = f"{said}: {_WISH[asked.link]}, asked {asked.asked_at:%Y-%m-%d %H:%M} UTC"
        way = tag("a", said, href=f"{ONE_PERSON}/{asked.request}", aria_label=label)
        return self.known.when(asked.asked_at), _WISH[asked.link], self._by(asked), _stands(asked), way

    def facts(self, asked: LinkRequest) -> Sequence[tuple[str, str]]:
        """Return what may be known of one."""
        facts = [
            ("What", _WISH[asked.link]),
            ("Asked by", self._by(asked)),
            ("Request", asked.request),
            ("Asked", self.known.when(asked.asked_at)),
            ("How it stands", _stands(asked)),
        ]
        return [*facts, ("Decide by", self.known.when(asked.expires))] if asked.state == "waiting" else facts

    def _by(self, asked: LinkRequest) -> str:
        hidden = is_protected(self.parts, self.who, asked.partner)
        return PROTECTED_PARTNER if hidden else self.known.partner(asked.partner)


def is_open(asked: LinkRequest) -> bool:
    """Say whether there is something to decide, or to ask after."""
    return asked.state in ("waiting", "approved")


def _stands(asked: LinkRequest) -> str:
    """Return how it stands, and why where somebody or the rules said no."""
    if asked.state == "waiting" and asked.first_by is not None:
        return "Approved by one, waits for a second person"
    code = CODES.get(asked.code or "")
    why = code.text if code else REASONS.get(asked.reason or "")
    return f"{_STATES[asked.state]}. {why}" if why else _STATES[asked.state]
