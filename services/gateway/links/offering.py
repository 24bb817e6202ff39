"""What the page of links says: those in force, and the forms that make others.  Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from projections.referral.state import Offer
from services.admission.standing import Standing
from services.gateway.links.force import is_live, may_be_given
from services.gateway.links.given import Listed
from services.gateway.links.making import LONGEST_DAYS
from services.gateway.pages.asking import Faults, show, summary
from services.gateway.pages.choosing import Yes
from services.gateway.pages.fields import Email, Field, Number, Typed
from services.gateway.pages.html import Html, form, hidden, tag
from services.gateway.pages.known import Known
from services.gateway.pages.telling import terms
from services.gateway.sight import Sight

TITLE = "Links without an account"
MAIL = Yes(name="mail", label="Mail them the link as well", hint="The mail says nothing of what it is about.")
ADDRESS = Email(
    name="email",
    label="The person's e-mail address",
    hint="Ask which one is safe: whoever reads that mailbox can open the page.",
    required=True,
)
#: What is asked of a person's own link.
CLIENT: Sequence[Field] = (
    ADDRESS,
    Number(
        name="days",
        label="For how many days it works",
        hint=f"From 1 to {LONGEST_DAYS}.",
        required=True,
        least=1,
        most=LONGEST_DAYS,
    ),
    Yes(
        name="guardian",
        label="A guardian holds it",
        hint="They are not shown what the person keeps from guardians.",
    ),
    Yes(name="mail", label="Mail it to this address as well", hint="The mail says nothing of what it is about."),
)
_USUAL = Typed([("days", "30")])
_WHY_NOT: Mapping[str, str] = {
    "link-protected": "is a protected programme, or offers nothing else: it is reached by signing in alone.",
    "no-address": "has registered no address for its mails, so nobody could be sent a code.",
}


@dataclass(frozen=True, kw_only=True)
class Giving:
    """A referral whose links somebody looks at."""

    referral: str
    sight: Sight
    standing: Standing
    known: Known
    links: Sequence[Listed]
    #: The partners that have their mails sent somewhere.
    addressed: Collection[str]
    #: Whether mails go anywhere.
    mails: bool
    #: Whether the reader's partner serves the person.
    serves: bool
    proof: str

    @property
    def place(self) -> str:
        """Where the page stands."""
        return f"/referrals/{self.referral}/links"


def body_of(giving: Giving, typed: Typed, faults: Faults) -> Sequence[Html]:
    """Return what the page says."""
    away = "Mails go nowhere here, so a link could send no code."
    can = (*_to_offers(giving), *_to_person(giving, typed, faults)) if giving.mails else (tag("p", away),)
    return (summary(CLIENT, faults), tag("h2", "Links in force"), _live(giving), *can)


def _live(giving: Giving) -> Html:
    now = giving.known.now
    found = [each for each in giving.links if _is_here(giving, each) and is_live(each, giving.sight, now)]
    if not found:
        return tag("p", "There is none.", class_="empty")
    return tag("ul", *(_line(giving, each) for each in found), role="list")


def _is_here(giving: Giving, link: Listed) -> bool:
    """Say whether the link is to an offer of this referral, or the person's own."""
    return link.kind == "client" or link.referral == giving.referral


def _line(giving: Giving, link: Listed) -> Html:
    known = giving.known
    own = "For a guardian of the person" if link.guardian else "For the person"
    whom = own if link.kind == "client" else f"For {known.partner(link.partner)}"
    by = f"Made by {known.partner(link.made_by)}" if link.made_by else "Mailed as the offer arrived"
    label = f"Withdraw it: {whom[:1].lower()}{whom[1:]}, made {link.made:%Y-%m-%d %H:%M:%S} UTC"
    button = tag("button", "Withdraw it", type="submit", class_="quiet", aria_label=label)
    facts = [(by, known.when(link.made)), _end(giving, link), ("Codes asked for", str(link.codes))]
    return tag(
        "li", tag("p", tag("b", whom)), terms(facts), form(f"{giving.place}/{link.link}/end", giving.proof, button)
    )


def _end(giving: Giving, link: Listed) -> tuple[str, str]:
    taken = any(each.id == link.offer and each.status != "requested" for each in giving.sight.offers)
    if taken:
        return ("It works until", "they tell how it ended")
    return ("It works until", giving.known.when(link.ends))


def _to_offers(giving: Giving) -> Sequence[Html]:
    open_ = [each for each in reversed(giving.sight.offers) if each.recipient and _may(giving, each) != "link-over"]
    if giving.sight.role != "sender" or not open_:
        return ()
    text = "With it somebody there can answer, and tell how it ended, without an account here."
    return (tag("h2", "For whoever was asked"), tag("p", text), *(_to_offer(giving, each) for each in open_))


def _may(giving: Giving, offer: Offer) -> str | None:
    """Return the code for why the offer has no link, None where it may have one."""
    refused = may_be_given(giving.standing, offer, giving.known.now)
    return refused or (None if offer.recipient in giving.addressed else "no-address")


def _to_offer(giving: Giving, offer: Offer) -> Html:
    name, refused = giving.known.partner(offer.recipient), _may(giving, offer)
    if refused is not None:
        return tag("p", f"{name} {_WHY_NOT[refused]}")
    kept = (hidden("for", "offer"), hidden("offer", offer.id))
    box = Yes(name=MAIL.name, label=f"Mail it to {name} as well", hint=MAIL.hint, at=offer.id)
    button = tag("button", f"Make a link for {name}", type="submit")
    return form(giving.place, giving.proof, *kept, box.show(Typed(), _nothing, None), button)


def _to_person(giving: Giving, typed: Typed, faults: Faults) -> Sequence[Html]:
    if not giving.serves:
        return ()
    text = (
        "With it they see what may be shared with whom, and can have less shared or end it. Sit with them, if you can."
    )
    asked = show(CLIENT, typed if typed.pairs() else _USUAL, _nothing, faults)
    button = tag("button", "Make the person's link", type="submit")
    making = form(giving.place, giving.proof, hidden("for", "client"), asked, button, novalidate=True)
    return (tag("h2", "For the person"), tag("p", text), making)


def _nothing(_: str) -> Sequence[tuple[str, str]]:
    return ()
