"""A finished draft as the bytes that will stand on the log."""

from typing import Any

import orjson

from events.catalogue import TOPIC_OF
from services.admission.caller import Caller
from services.admission.context import Draft
from services.admission.digest import Naming
from services.admission.publish import Outgoing


def compose(caller: Caller, naming: Naming, draft: Draft) -> Outgoing:
    """Return the event; its texts are sealed and its record key is a client id by now."""
    said = draft.said
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": draft.id,
        "source": caller.source,
        "subject": draft.subject,
        "time": said.time,
        "datacontenttype": "application/json",
        "partitionkey": draft.record,
        "initiative": caller.initiative,
    }
    if draft.actor is not None:
        event["actor"] = draft.actor
    if said.approver is not None:
        event["approver"] = said.approver
    if said.latereason is not None:
        event["latereason"] = said.latereason
    if said.correlationid is not None:
        event["correlationid"] = naming.correlation(caller.initiative, caller.source, said.correlationid)
    if said.causationid is not None:
        event["causationid"] = naming.event(caller.initiative, caller.source, said.causationid)
    event["type"] = draft.type
    event["data"] = {"admitted": draft.admitted, **draft.parsed.data}
    return Outgoing(TOPIC_OF[draft.type], draft.record, orjson.dumps(event))
