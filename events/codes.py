"""Every code that the house answers with, in one table: what it means and who says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class By(StrEnum):
    """Who answers with the code; each code belongs to exactly one of them."""

    #: Before the log: nothing was published and the id is free to be sent again, corrected.
    ADMISSION = "turned away"
    #: By a fold: the record stands, changes no state, and its id is used.
    FOLD = "refused"
    #: By a processor: a partition stopped, or an operator's command failed.
    PROCESSOR = "stopped"
    #: At the HTTP door, about the request itself.
    GATEWAY = "answered"


@dataclass(frozen=True)
class Meaning:
    by: By
    text: str


_ADMISSION = {
    "not-json": "The row is not one JSON object in UTF-8.",
    "duplicate-key": "A JSON object names the same key twice.",
    "too-large": "The row is longer than 256 KiB.",
    "too-deep": "The row nests deeper than 32 levels.",
    "missing-field": "A field that this event needs is missing.",
    "unknown-field": "This event has no such field.",
    "invalid-value": "The value is of the wrong type, form or length.",
    "out-of-bounds": "The number or time is outside its bounds.",
    "bad-character": "The text holds a control character or a lone surrogate.",
    "time-without-offset": "A time needs an offset, such as Z or +02:00.",
    "unknown-type": "There is no event of this type.",
    "not-supported-yet": "No deployed rule judges this event yet.",
    "reserved-field": "Only admission writes this field.",
    "foreign-source": "The source is not the caller's own.",
    "wrong-initiative": "The caller does not belong to this initiative.",
    "not-authorised": "The caller may not say this.",
    "second-person-required": "This needs an approver other than the actor.",
    "not-found": "There is no such thing that the caller takes part in.",
    "subject-taken": "The id is in use for another subject.",
    "unknown-code": "The code is in no enumeration and in no codelist in force.",
    "unknown-partner": "There is no such partner in this initiative.",
    "unknown-service": "There is no such service at this partner.",
    "recipient-inactive": "The recipient does not take part at present.",
    "service-closed": "The service accepts no referrals at present.",
    "aggregate-only": "This partner reports aggregates only and says nothing about single people.",
    "agreement-missing": "The partner has signed no data-sharing agreement yet.",
    "unsealed": "Text about a person must be sealed before it comes through this door.",
    "seal-invalid": "The sealed text was not sealed for this place.",
    "time-in-future": "`time` is more than 5 minutes ahead.",
    "late-without-reason": "`time` is more than 35 days back and no `latereason` is given.",
    "outside-backfill": "No open backfill window covers this partner and time.",
    "respond-by-too-late": "The policy allows a recipient fewer days to answer.",
    "expected-by-too-late": "The day is further ahead than the policy allows.",
    "bad-date": "The date does not exist in the initiative's time zone.",
    "log-unavailable": "Kafka does not answer; the outcome is unknown, send again with the same id.",
}

_FOLD = {
    "unreadable": "The record is no event that the house can judge.",
    "id-reused": "This source used the id before, for another event.",
    "out-of-order": "It happened before what this history already holds.",
    "unknown-client": "The client is not registered.",
    "already-registered": "The client is registered already.",
    "client-erased": "The client is erased.",
    "unknown-subject": "There is nothing with this id under this key that is the source's to know of.",
    "already-exists": "The id is in use under this key.",
    "not-permitted": "The source may not say this about this subject.",
    "not-your-offer": "The offer is not the source's to answer.",
    "already-claimed": "Another partner claimed the offer first.",
    "wrong-deadline": "That is not a deadline of the offer's own, or it was told of before.",
    "cause-missing": "It must name the event that it is about as its cause.",
    "illegal-transition": "Its present state does not allow this.",
    "self-consent": "A partner cannot record consent that names only itself.",
    "consent-missing": "There is no such consent in force.",
    "consent-does-not-cover": "The consent does not cover this.",
    "not-narrower": "What remains must lie within what was granted.",
    "recipient-missing": "The offer names no partner to receive it.",
    "duplicate-open-offer": "This client has an open offer for the same service; give a reason to override.",
    "reason-required": "This needs a reason code.",
    "outcome-needs-output": "A delivered outcome needs at least one output.",
    "too-few-attempts": "Too few contact attempts to call the client unreachable.",
    "too-many": "The aggregate has reached its bound.",
    "not-registrar": "Only a registrar of the backbone may say this.",
    "needs-second-person": "This needs an approver other than the actor.",
    "empty-window": "The window ends where it begins, or before.",
    "initiative-not-open": "The initiative is not open.",
}

_PROCESSOR = {
    "unknown-type-on-log": "The log holds a type that this build does not know; deploy a newer build.",
    "rule-failed": "A rule failed on a record; mend the rule and start again.",
    "log-cut": "The last record folded is gone from the log: it was cut or replaced.",
    "log-replaced": "The last record folded differs from the one on the log: it was cut and refilled, or made anew.",
    "rulebook-outdated": "A rule that this build brings takes effect before what was already folded.",
    "history-missing": "The log's beginning has expired.",
    "topic-missing": "A partner's inbox does not exist at the broker; the others are read on.",
}

_GATEWAY = {
    "unauthenticated": "No token or session that is valid came with the request.",
    "forbidden": "The caller may not do this.",
    "no-such-route": "There is nothing at this address.",
    "method-not-allowed": "This address does not take this method.",
    "bad-request": "The request is no HTTP that this address can answer.",
    "bad-parameter": "A parameter is missing or has a value that it does not take.",
    "bad-header": "A header of the event is repeated or cannot be read.",
    "bad-token": "The token is not one that was given to this caller.",
    "bad-cursor": "The cursor is not one that was given to this caller for this list.",
    "too-stale": "The read model is behind what the token asks for and has nothing to show yet; try again.",
    "too-stale-to-disclose": "Not everything about this person is folded yet, so nothing sealed opens; try again.",
    "not-in-force": "No consent in force lets the caller see this.",
    "not-yet-claimed": "The text opens when the offer is accepted.",
    "no-address": "The partner has registered no address that codes could be sent to.",
    "no-mail": "Mails go nowhere here, so no code could be sent.",
    "link-protected": "No link leads to protected programmes and partners.",
    "link-over": "The offer is not open at one partner, so no link leads to it.",
    "matching-not-allowed": "The initiative's policy does not let partners match clients.",
    "erased": "The person is erased: what was sealed about them is gone for good.",
    "not-acceptable": "Nothing that the address can answer with is acceptable to the caller.",
    "unsupported-media-type": "The address does not take a body of this type or coding.",
    "body-too-large": "The body is larger than this address takes.",
    "too-slow": "The request's body did not come in time.",
    "partner-administers": "The partner has an administrator, who alone gives its systems tokens that read.",
    "already-replaced": "The token has a successor that is valid: replace that one, or take it back first.",
    "precondition-failed": "The thing is no longer as the caller last saw it.",
    "rate-limited": "Too many requests; try again later.",
    "too-many-streams": "As many live feeds as may be are open already; end one first.",
    "stopping": "The gateway is ending; connect again and resume where you were.",
    "cross-site": "The request does not show that it comes from a page of this house for the person signed in.",
    "provider-unavailable": "The identity provider does not answer; try again later.",
    "overloaded": "Too much is on its way already; nothing was taken, try again later.",
    "store-unavailable": "PostgreSQL does not answer; what was sent may be sent again with the same id.",
    "internal": "Something went wrong that is not the caller's doing.",
}

#: Why a record is refused as `unreadable`, kept beside the refusal; the record itself is never quoted.
UNREADABLE: Mapping[str, str] = MappingProxyType(
    {
        "empty": "The record has no value.",
        "not-json": "The value is not JSON in UTF-8, or nests too deep.",
        "bad-payload": "The type is known and its attributes or data are not what it asks for.",
        "bad-envelope": "The value is JSON and no event of any kind.",
        "wrong-topic": "The type is known and belongs on another topic.",
        "foreign-type": "The type is not one of org.manyhands.*.",
        "wrong-key": "The record's key is not the event's partitionkey.",
        "wrong-partition": "The record stands in another partition than its key's own.",
    }
)

CODES: Mapping[str, Meaning] = MappingProxyType(
    {code: Meaning(By.ADMISSION, text) for code, text in _ADMISSION.items()}
    | {code: Meaning(By.FOLD, text) for code, text in _FOLD.items()}
    | {code: Meaning(By.PROCESSOR, text) for code, text in _PROCESSOR.items()}
    | {code: Meaning(By.GATEWAY, text) for code, text in _GATEWAY.items()}
)
