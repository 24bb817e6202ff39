"""The mails about what reached a partner: they say that something is so, and nothing of what it is about.  Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from html import escape
from types import MappingProxyType
from typing import NamedTuple

from projections.communication.notes import Kind, Why
from projections.referral.state import Offer
from projections.referral.transitions import CANCEL_ASKED, EXPIRED, TAKEN
from services.runtime.mail import Mail

#: Says whether an offer is still as a mail tells it at this moment.
Still = Callable[[Offer, datetime], bool]
#: Whoever is asked, alone or as one of a class.
ASKED: tuple[Why, ...] = ("recipient", "class-member")
_SENDER: tuple[Why, ...] = ("sender",)
_LINK = """\
The link opens nothing by itself: it has a code sent to this address. It ends when nothing is asked of you any more.\
"""
_WITHDRAWN = """\
The link that you had was taken back, so this mail brings no other. Whoever of yours cannot sign in can ask those who
wait for an answer for a new one.\
"""
_TEXT = """\
{line}

{before}{link}

{after}You get this mail as your organisation registered this address. If it is not yours, please ignore it.
"""


class Letter(NamedTuple):
    """What is mailed of one kind of entry: no more than its kind, as a mailbox is not only its owner's to read."""

    subject: str
    line: str
    #: Who is mailed.
    to: tuple[Why, ...]
    #: Until when it is worth a mail; None where it is news, whatever came after it.
    still: Still | None = None
    #: Whether it carries a link for those without an account, where one may be.
    link: bool = False


def _unanswered(offer: Offer, now: datetime) -> bool:
    return offer.status == "requested" and now < offer.respond_by


def _due(offer: Offer, now: datetime) -> bool:
    return _unanswered(offer, now) or (offer.status in TAKEN and offer.started is None)


def _not_begun(offer: Offer, _: datetime) -> bool:
    return offer.status in TAKEN and offer.started is None and offer.detail != CANCEL_ASKED


def _cancelling(offer: Offer, _: datetime) -> bool:
    return offer.status in TAKEN and offer.detail == CANCEL_ASKED


def _expired(offer: Offer, _: datetime) -> bool:
    return offer.detail == EXPIRED


_WAITING, _ENDED, _NEWS = "Something is waiting for you", "Something has ended", "You have an answer"
_OUTCOME = Letter(_NEWS, "Your organisation is told how something ended that it asked for.", _SENDER)
_ACCEPTED = Letter(_NEWS, "Something that your organisation asked for was accepted.", _SENDER)
#: The one table of what is mailed; what is not in it stands in the feed alone.
LETTERS: Mapping[Kind, Letter] = MappingProxyType(
    {
        "offer-arrived": Letter(
            _WAITING,
            "Something is waiting for an answer from your organisation at this initiative.",
            ASKED,
            _unanswered,
            link=True,
        ),
        "offer-open-to-class": Letter(
            _WAITING,
            "Something is waiting at this initiative for the first organisation that takes it on: yours can.",
            ASKED,
            _unanswered,
        ),
        "reminder": Letter(
            "Something is still waiting for you",
            "Something is still waiting for your organisation at this initiative, and its time is running out.",
            ASKED,
            _due,
            link=True,
        ),
        "cancel-requested": Letter(
            _WAITING,
            "Your organisation is asked to let something end that it has taken on.",
            ASKED,
            _cancelling,
            link=True,
        ),
        "offer-recalled": Letter(_ENDED, "Something that your organisation was asked was taken back.", ASKED),
        "offer-cancelled": Letter(
            _ENDED, "Something that your organisation takes part in has ended.", (*ASKED, *_SENDER)
        ),
        "offer-accepted": _ACCEPTED,
        "offer-claimed": _ACCEPTED,
        "offer-declined": Letter(_NEWS, "Something that your organisation asked for was declined.", _SENDER),
        "offer-withdrawn": Letter(
            _ENDED, "Something that your organisation asked for is not taken care of any more.", _SENDER
        ),
        "offer-served": _OUTCOME,
        "offer-partly-served": _OUTCOME,
        "offer-not-served": _OUTCOME,
        "no-answer-yet": Letter(
            "There is no answer yet",
            "Nobody has answered yet what your organisation asked for.",
            _SENDER,
            _unanswered,
        ),
        "not-begun-yet": Letter(
            "Nothing has begun yet",
            "Something that your organisation asked for was accepted a while ago, and has not begun yet.",
            _SENDER,
            _not_begun,
        ),
        "offer-expired": Letter(
            "There was no answer in time",
            "Nobody answered in time what your organisation asked for.",
            _SENDER,
            _expired,
        ),
    }
)


def letter(kind: Kind, to: str, origin: str, secret: str | None, *, withdrawn: bool = False) -> Mail:
    """Return the mail; without a secret it leads to what is waiting, behind where one signs in.

    It says so where it would carry a link, but for one that was `withdrawn`.
    """
    said = LETTERS[kind]
    link = f"{origin}/work" if secret is None else f"{origin}/l/{secret}"
    before, after = ("Sign in to see it:\n\n", "") if secret is None else ("", f"{_LINK}\n\n")
    before, after = (before, f"{_WITHDRAWN}\n\n") if withdrawn else (before, after)
    return composed(to, said.subject, _TEXT.format(line=said.line, before=before, link=link, after=after), link)


def composed(to: str, subject: str, text: str, link: str) -> Mail:
    """Return a mail of this text, and of the same with the paragraph of the link as one."""
    parts = [
        f'<p><a href="{escape(part)}">{escape(part)}</a></p>'
        if part == link
        else f"<p>{'<br>'.join(escape(line.strip()) for line in part.splitlines())}</p>"
        for part in text.strip().split("\n\n")
    ]
    return Mail(to, subject, text, f'<!doctype html>\n<html lang="en"><body>{"".join(parts)}</body></html>\n')
