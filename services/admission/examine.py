"""One row, judged by all that admission knows: a draft of what will stand on the log, or a problem."""

from services.admission.authorise import authorise
from services.admission.caller import Partner
from services.admission.context import Context, Draft, Held
from services.admission.enrich import admitted
from services.admission.parse import Parsed
from services.admission.places import texts
from services.admission.problem import TurnedAway
from services.admission.resolve import OPENING, REGISTERED, owner, place, resolve

OFFER_SENT = "org.manyhands.referral.offer_sent.v1"


def examine(context: Context, row: int, parsed: Parsed) -> Draft:
    """Return the draft, and note what it opens so that the chunk's later rows find it.  Raises TurnedAway."""
    actor = authorise(context, parsed)
    if context.caller.door == "inbox":
        _check_sealed(parsed)
    subject, record = place(context, parsed)
    opener = context.found.held.get(subject) if parsed.type in OPENING else None
    if opener is not None:
        _check_opener(context, opener, record)
    digest = context.naming.digest(parsed)
    resolve(context, parsed)
    found = admitted(context, parsed, digest)
    event_id = context.naming.event(context.caller.initiative, context.caller.source, parsed.said.id)
    draft = Draft(row, parsed, event_id, subject, record, actor, found)
    _note(context, draft)
    return draft


def _check_sealed(parsed: Parsed) -> None:
    for spot in texts(parsed.type, parsed.data):
        if isinstance(spot.value, str):
            raise TurnedAway("unsealed", spot.pointer)


def _check_opener(context: Context, held: Held, record: str) -> None:
    """Until it is published only its opener may open a subject again, afterwards only under the same key."""
    if held.opener != owner(context.caller) or (held.published and held.record != record):
        raise TurnedAway("subject-taken", "/subject")


def _note(context: Context, draft: Draft) -> None:
    if not isinstance(context.caller, Partner):
        return
    found = context.found
    if draft.type == REGISTERED:
        found.clients.setdefault(draft.parsed.said.client or "", draft.record)
        draft.registers = True
    elif draft.type in OPENING:
        before = found.held.get(draft.subject)
        joined = before.participants if before else set()
        found.held[draft.subject] = Held(
            draft.record, context.caller.partner, joined, bool(before and before.published)
        )
        draft.opens = True
    else:
        held = found.held.get(draft.subject)
        draft.leans = held is not None and not held.published
        if held is not None and draft.type == OFFER_SENT:
            recipient = draft.parsed.data.get("recipient")
            draft.joins = (recipient,) if recipient else tuple(draft.admitted.get("class_members", ()))
            held.participants.update(draft.joins)
