"""A disclosure in words: what 42 CFR 2.24 calls a brief description of what was disclosed."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from events.authority import OPERATOR
from events.disclosure import THEMSELF

#: What the account's rows call a kind of disclosure, and how it is told.
DID: Mapping[str, str] = MappingProxyType(
    {
        "disclosure.opened": "Shown",
        "disclosure.broke_glass": "Opened in an emergency",
        "disclosure.exported": "Taken out as a file",
    }
)
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
    }
)


def reading(reader: str, link_by: str | None) -> str:
    """Return who read it, by name; whoever came by a client's own link is who holds it, as its maker chose."""
    return reader if link_by is None else f"{reader}, by a link that {link_by} had made"


def described(kind: str, fields: Iterable[str], purpose: str) -> str:
    """Return what was disclosed and what for; a code that has no words here is told as it is."""
    what = "; ".join(FIELDS.get(field, field) for field in fields)
    return f"{DID.get(kind, kind)}: {what}. For: {purpose}."
