"""What a client and a referral amount to: small frozen states, stored as canonical JSON.

A default is left out of the JSON, and left out is told by identity: so the only defaults are None,
booleans, small integers and the empty tuple, of which there is one each.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct, json

from projections.referral.transitions import Status

#: What one aggregate may hold at most.
MOST_CONSENTS = 100
MOST_OPEN_OFFERS = 200
MOST_OFFERS = 50
MOST_LINKS = 20


Outcome = Literal["delivered", "partly", "not-delivered"]


class Consent(Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """What a person allowed, as it stands after every narrowing."""

    id: str
    partners: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    #: Who belonged to the classes and networks when they were named.
    class_members: tuple[str, ...] = ()
    network_members: tuple[str, ...] = ()
    except_recipients: tuple[str, ...] = ()
    purposes: tuple[str, ...]
    data_classes: tuple[str, ...]
    #: Empty: any programme that is not protected.
    programme_classes: tuple[str, ...] = ()
    #: Programme classes were named when it was granted, so protected ones among them are meant.
    names_programmes: bool = False
    #: A guardian signed: it ends when the person comes of age.
    by_guardian: bool = False
    guardian_until: datetime | None = None
    hidden_from_guardian: bool = False
    redisclosure: Literal["none", "with-consent", "permitted"]
    valid_from: datetime
    expires_at: datetime | None = None
    #: It says more than this build can read: a restriction may be among it, so it allows nothing.
    unread: bool = False
    ended: Literal["revoked", "entered-in-error"] | None = None
    #: The partner that recorded it; empty where the person did.
    by: str = ""
    #: It spoke of a protected programme when it was granted: nobody else learns whom it names.
    guarded: bool = False


class OpenOffer(Struct, frozen=True, gc=False):
    """What the client's index keeps of an offer while it is open."""

    offer: str
    referral: str
    service: str
    recipient: str
    consent: str


class Client(Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """A person whom partners serve together: their consents and their open offers."""

    #: The partner that registered them.
    by: str
    registered: datetime
    #: The partners whose acceptance of an offer stands on the log: they serve the person too.
    serving: tuple[str, ...] = ()
    #: Of each of them by how much: acceptances, and enrolments, that were no error.
    served_by: tuple[int, ...] = ()
    #: Other ids that are the same person's.
    linked: tuple[str, ...] = ()
    #: The latest instant this history holds.
    last: datetime
    consents: tuple[Consent, ...] = ()
    open_offers: tuple[OpenOffer, ...] = ()
    backfilled: bool = False
    erased: bool = False


class Draft(Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """An offer that its sender prepares, or threw away before anybody heard of it."""

    id: str
    drafted: datetime
    recipient: str | None = None
    to_class: str | None = None
    service: str | None = None
    discarded: bool = False

    @property
    def status(self) -> Status:
        return "entered-in-error" if self.discarded else "draft"


class Offer(Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """One attempt at one partner.  Times are those the events give: when it happened."""

    id: str
    #: Empty while an offer to a class is not claimed.
    recipient: str
    to_class: str | None = None
    #: Of the class, those whom the person means: they may claim it as long as nobody has, and hear afterwards that
    #: another was first.
    members: tuple[str, ...] = ()
    service: str
    status: Status
    #: The fine state within `status`.
    detail: str
    consent: str
    #: When that consent runs out, as it was narrowed last while the offer was open.
    consent_until: datetime | None = None
    purpose: str
    data_classes: tuple[str, ...]
    programme_class: str | None = None
    protected: bool = False
    #: Contact attempts asked for before the client may be called unreachable, as they were when it was sent.
    min_attempts: int | None = None
    respond_by: datetime
    #: When the recipient is to be reminded, and the sender told, that nobody answered.
    remind_at: datetime | None = None
    escalate_at: datetime | None = None
    #: The deadlines for which that was done, since the last promise where there was one.
    reminded: datetime | None = None
    escalated: datetime | None = None
    #: When the recipient expects to begin, as it says.
    expected_by: datetime | None = None
    #: When, by its own word or else by policy, it is to have begun, and when the sender is told that it has not.
    start_by: datetime | None = None
    late_at: datetime | None = None
    #: How often that was said, with the yes and with each waiting list.
    promises: int = 0
    sent: datetime
    viewed: datetime | None = None
    responded: datetime | None = None
    accepted: datetime | None = None
    started: datetime | None = None
    closed: datetime | None = None
    #: When it had ended with its consent, where it was entered in error only after that.
    lapsed: datetime | None = None
    #: Nobody had answered in time when its sender was gone.
    ran_out: bool = False
    acknowledged: datetime | None = None
    #: When its sender asked to cancel it, and when the clock confirms that in the recipient's place.
    cancel_asked: datetime | None = None
    confirm_by: datetime | None = None
    reason: str | None = None
    outcome: Outcome | None = None
    outputs: int = 0
    #: Corrections of the outcome.
    corrections: int = 0
    #: What the sender heard of the outcome, and when it said so.
    heard: Outcome | None = None
    heard_at: datetime | None = None
    #: When the client was asked first whether the need was met, once the offer was answered, and the last answer.
    asked: datetime | None = None
    answered: datetime | None = None
    need_met: Literal["yes", "partly", "no"] | None = None
    #: The answer was passed on by staff.
    relayed: bool = False
    #: It was given when nobody had answered the offer, in time or late: there was nothing yet to ask of.
    early: bool = False
    #: Looks by a person or through a link; a system's fetches are counted apart.
    views: int = 0
    fetches: int = 0
    #: Attempts to reach the client, as they were recorded.
    contacts: int = 0
    acknowledgements: int = 0
    replaces: str | None = None
    #: It was sent as history that is loaded; what is asked on a referral from history may be asked today.
    backfilled: bool = False


class Handoff(Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """What was arranged outside; nobody there says anything, so all that is known is what the sender heard."""

    id: str
    reported: datetime
    channel: str
    sector: str | None = None
    heard: Outcome | None = None
    heard_at: datetime | None = None


class Referral(Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """A need and the offers made to meet it; its status is derived from them and not kept."""

    sender: str
    taxonomy: str
    need: str
    area: str | None = None
    urgency: Literal["routine", "soon", "urgent", "emergency"]
    programme: str | None = None
    requested: datetime
    #: The latest instant this history holds.
    last: datetime
    offers: tuple[Offer, ...] = ()
    drafts: tuple[Draft, ...] = ()
    handoff: Handoff | None = None
    #: When its sender said that no further attempt is made, and why.
    closed: datetime | None = None
    disposition: str | None = None
    backfilled: bool = False


class Episode(Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """A stretch of service at one partner; of what is corrected only its end is kept here, all else is counted."""

    partner: str
    programme: str
    household_head: bool = False
    enrolled: datetime
    exited: datetime | None = None
    #: The event that ended it, so that its correction and its error are known.
    exit: str | None = None
    destination: str | None = None
    outcome: str | None = None
    services: int = 0
    milestones: int = 0
    corrections: int = 0
    #: All of it should never have been recorded.
    in_error: bool = False
    last: datetime
    backfilled: bool = False


_encoder = json.Encoder()
_clients = json.Decoder(Client)
_referrals = json.Decoder(Referral)
_episodes = json.Decoder(Episode)


def encode(state: Client | Referral | Episode) -> str:
    """Return the state as canonical JSON: fields in their order, times in UTC, defaults left out."""
    return _encoder.encode(state).decode()


def decode_client(text: str) -> Client:
    return _clients.decode(text)


def decode_referral(text: str) -> Referral:
    return _referrals.decode(text)


def decode_episode(text: str) -> Episode:
    return _episodes.decode(text)


def consent_of(client: Client, consent_id: str) -> Consent | None:
    """Return the client's consent of this id, ended or not."""
    for consent in client.consents:
        if consent.id == consent_id:
            return consent
    return None


def offer_of(referral: Referral, offer_id: str) -> Offer | None:
    """Return the referral's offer of this id."""
    for offer in referral.offers:
        if offer.id == offer_id:
            return offer
    return None


def draft_of(referral: Referral, offer_id: str) -> Draft | None:
    """Return the referral's draft of this id."""
    for draft in referral.drafts:
        if draft.id == offer_id:
            return draft
    return None
