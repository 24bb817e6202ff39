"""A disclosure in words: what 42 CFR 2.24 calls a brief description of what was disclosed."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from events.authority import OPERATOR
from events.disclosure import THEMSELF
from services.disclosure.account import Line

#: What the account's rows call a kind of disclosure, and how it is told.
DID: Mapping[str, str] = MappingProxyType(
    {
        "disclosure.opened": "Shown",
        "disclosure.broke_glass": "Opened in an emergency",
        "disclosure.exported": "Taken out as a file",
        "referral.offer_sent": "Sent with an offer",
        "referral.offer_claimed": "Handed over when it claimed an offer",
    }
)
#: Of an offer to a class, as long as nobody has claimed it.
OPENLY = "Shown to whoever of a class could claim an offer, without whose need it is"
IN_ERROR = "It was sent in error."
#: Readers that belong to no partner.
NAMES: Mapping[str, str] = MappingProxyType({OPERATOR: "the operator", THEMSELF: "the client"})
#: What was shown, by the code that stands on the log: the names of sealed texts, and of readings.
FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "details": "the details that were written down",
        "note": "a note that was written down",
        "matched": "that another partner knows the client too",
        "status": "how the referral stands",
        "consent": "what the client allows to be shared",
        "links": "which links lead to the client's own page",
        "timeline": "what was said about the referral",
        "journey": "how the client's referrals followed each other",
        "export": "how the referral stands, in a file",
        "account": "to whom something was told",
        "need": "what is needed",
        "urgency": "how urgent it is",
        "area": "where",
    }
)


class Labels(NamedTuple):
    """What an initiative calls its codes."""

    purposes: Mapping[str, str]
    #: Of what offers hold.
    data_classes: Mapping[str, str]
    #: Of partners.
    classes: Mapping[str, str]


def reading(reader: str, link_by: str | None) -> str:
    """Return who read it, by name; whoever came by a client's own link is who holds it, as its maker chose."""
    return reader if link_by is None else f"{reader}, by a link that {link_by} had made"


def of_class(to_class: str, labels: Labels) -> str:
    """Return who was shown an offer to a class."""
    return f"whoever of the class could claim it: {labels.classes.get(to_class, to_class)}"


def told(line: Line, labels: Labels) -> str:
    """Return what was disclosed and what for; a code that has no words here is told as it is."""
    purpose = labels.purposes.get(line.purpose, line.purpose)
    if line.offer is None:
        return described(DID.get(line.kind, line.kind), _words(line.fields, FIELDS), purpose)
    if line.offer.to_class is not None:
        text = described(OPENLY, _words(line.fields, FIELDS), purpose)
    else:
        text = described(DID[line.kind], _words(line.fields, labels.data_classes), purpose)
    return f"{text} {IN_ERROR}" if line.offer.in_error else text


def described(how: str, what: Iterable[str], purpose: str) -> str:
    """Return it as a sentence, all of it in words already."""
    return f"{how}: {'; '.join(what)}. For: {purpose}."


def _words(codes: Iterable[str], words: Mapping[str, str]) -> Iterable[str]:
    return (words.get(code, code) for code in codes)
