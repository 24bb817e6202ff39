"""The lines of a file: one for each referral, with the offer that leads, or one for each offer.  Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal
from zoneinfo import ZoneInfo

from services.gateway.listing import Found
from services.gateway.shapes import offers, summary
from services.gateway.sheets import times
from services.gateway.spoken import COLUMNS as SPOKEN
from services.gateway.spoken import of_offer, summed
from services.vault.names import Name

Rows = Literal["referrals", "offers"]
Line = Mapping[str, Any]
_TIMES = (
    "requested",
    "sent",
    "viewed",
    "responded",
    "accepted",
    "started",
    "closed",
    "acknowledged",
    "respond_by",
    "expected_by",
)
_WHO = ("client", "role")
_STANDS = ("status", "detail")
_BETWEEN = ("sender", "recipient", "to_class", "service")
_NEED = ("need_taxonomy", "need_code")
_SHARED = ("area", "urgency", "programme", "withheld")
_AFTER = ("outcome", "reason")
_COUNTED = ("contacts", "heard", "need_met")
_LAST = ("backfilled", *SPOKEN, "client_own")
_CLOCKS = tuple(f"{name}_{clock}" for name in _TIMES for clock in ("utc", "local"))
_ASKED = (*_NEED, *_SHARED, *_CLOCKS, *_AFTER)
#: At most 50, as the event that puts a file on record names them.
COLUMNS: Mapping[Rows, tuple[str, ...]] = MappingProxyType(
    {
        "referrals": ("id", *_WHO, *_STANDS, "loop", *_BETWEEN, *_ASKED, "hops", *_LAST),
        "offers": ("id", "offer", *_WHO, *_STANDS, *_BETWEEN, "replaces", *_ASKED, *_COUNTED, *_LAST),
    }
)


def timed(line: Line, zone: ZoneInfo) -> dict[str, Any]:
    """Return the line with each time by two clocks."""
    flat = {name: value for name, value in line.items() if name not in _TIMES}
    for name in _TIMES:
        flat |= times(name, line[name], zone)
    return flat


def _referral(found: Found, client: Name | None, heard: Sequence[Line]) -> Iterator[Line]:
    """Yield the referral as one line: what a summary of it says, and what was said of the offer that leads."""
    lead = found.sight.standing.offer
    yield _flat(found, client) | summed(of_offer(heard, lead.id if lead else None))


def _each_offer(found: Found, client: Name | None, heard: Sequence[Line]) -> Iterator[Line]:
    """Yield a line for each offer that the caller may know of; the referral's own parts are on all of them."""
    whole = _flat(found, client)
    for offer in offers(found.sight):
        yield whole | offer | {"id": whole["id"], "offer": offer["id"]} | summed(of_offer(heard, offer["id"]))


def _flat(found: Found, client: Name | None) -> dict[str, Any]:
    shown = summary(found.sight, found.place.referral, client)
    need = shown["need"] or {}
    return shown | {"need_taxonomy": need.get("taxonomy"), "need_code": need.get("code")}


#: What makes the lines of a referral, from it, the caller's names of the client, and what was said there.
LINES: Mapping[Rows, Callable[[Found, Name | None, Sequence[Line]], Iterator[Line]]] = MappingProxyType(
    {"referrals": _referral, "offers": _each_offer}
)
