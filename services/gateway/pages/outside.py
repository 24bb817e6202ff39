"""What was arranged outside, told in the place of a need that nobody here meets.  Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from events.spoken import OWN
from projections.referral.state import Referral


class Instead(NamedTuple):
    """The need that ends because it was arranged outside."""

    #: By which name its sender knows the person.
    person: str
    need: Referral
    referral: str
    #: Why it ends, as a code.
    reason: str


def instead(ended: Instead, submission: str, values: Mapping[str, Any], at: datetime) -> list[bytes]:
    """Return the events: the same need, told as arranged outside, and the end of this one."""
    name, need = f"page-{submission}", ended.need
    told = {
        "offer_id": OWN + name,
        "need": {"taxonomy": need.taxonomy, "code": need.need},
        "urgency": need.urgency,
        **({"area": need.area} if need.area else {}),
        **values,
    }
    outside = {"id": f"{name}-outside", "type": "referral.handoff_reported", "client": ended.person}
    closed = {"id": name, "type": "referral.closed", "subject": ended.referral}
    return [
        orjson.dumps(outside | {"time": at.isoformat(), "subject": OWN + name, "data": told}),
        orjson.dumps(closed | {"time": at.isoformat(), "data": {"disposition": ended.reason}}),
    ]
