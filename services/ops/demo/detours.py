"""What happens on the way from an acceptance to an outcome, and after it."""

from typing import NamedTuple

from services.ops.demo.people import person, remark
from services.ops.demo.teller import Teller
from services.ops.demo.world import AREAS, TRADES, Partner, random_id

HOLDS = ("awaiting-documents", "awaiting-client", "client-away")
CHANNELS = ("phone", "text", "visit")
#: Classes of which no member serves a protected programme.
OPEN_CLASSES = frozenset({"food-bank", "legal-aid", "employment", "transport", "school"})


class Asked(NamedTuple):
    """An offer: who makes it, to whom, about which referral."""

    sender: Partner
    helper: Partner
    referral: str
    offer: str
    #: It went to a class, and the helper was first.
    claimed: bool = False

    @property
    def head(self) -> dict[str, str]:
        return {"subject": self.referral}


def worked(story: Teller, asked: Asked, *, starts: bool) -> bool:
    """Tell what the recipient does before the outcome; return whether it still works on it."""
    head, offer = asked.head, {"offer_id": asked.offer}
    if story.chance(0.25):
        for result in ("no-answer", "reached"):
            channel = story.random.choice(CHANNELS)
            story.say(asked.helper, "referral.contact_attempted", head, **offer, channel=channel, result=result)
    if story.chance(0.1):
        story.say(asked.helper, "referral.waitlisted", head, **offer)
    if story.chance(0.03):
        story.say(asked.sender, "referral.cancel_requested", head, **offer, reason="need-met-elsewhere")
        story.say(asked.helper, "referral.cancel_confirmed", head, **offer)
        return False
    if not starts:
        return True
    story.say(asked.helper, "referral.service_started", head, **offer)
    if story.chance(0.06):
        story.say(asked.helper, "referral.put_on_hold", head, **offer, reason=story.random.choice(HOLDS))
        story.say(asked.helper, "referral.resumed", head, **offer)
    if story.chance(0.02):
        story.say(asked.helper, "referral.withdrawn", head, **offer, reason="staff-shortage")
        return False
    return True


def afterwards(story: Teller, asked: Asked, *, served: bool) -> None:
    """Tell what is said once it ended: the client is asked, an entry turns out to be wrong."""
    head, offer = asked.head, {"offer_id": asked.offer}
    if story.chance(0.03):
        changed = {"outcome": "not-delivered", "reason": "no-show"} if served else _given()
        story.say(asked.helper, "referral.outcome_corrected", head, **offer, **changed, because="wrong-entry")
    if story.chance(0.3):
        story.say(asked.sender, "referral.client_asked", head, **offer, channel="phone")
        if story.chance(0.7):
            met = story.random.choice(("yes", "yes", "yes", "partly") if served else ("no", "no", "partly"))
            story.say(asked.sender, "referral.client_answered", head, **offer, need_met=met)


def _given() -> dict[str, object]:
    return {"outcome": "delivered", "outputs": [{"kind": "service", "amount": "1", "unit": "visit"}]}


def unanswered(story: Teller, asked: Asked) -> None:
    """Tell how some of the offers end that nobody takes further."""
    head, offer = asked.head, {"offer_id": asked.offer}
    if story.chance(0.3):
        story.say(
            asked.sender, "referral.outcome_reported_by_sender", head, **offer, outcome="delivered", heard_from="client"
        )


def recalled(story: Teller, asked: Asked) -> None:
    """Tell that the sender takes back what nobody looked at."""
    if story.chance(0.3):
        data = {"offer_id": asked.offer, "reason": "client-declined"}
        story.say(asked.sender, "referral.offer_recalled", asked.head, **data)


def given_up(story: Teller, asked: Asked) -> None:
    """Tell that no further attempt is made."""
    if story.chance(0.5):
        reason = story.random.choice(("no-suitable-service", "client-declined"))
        story.say(asked.sender, "referral.closed", asked.head, disposition=reason)


def handed_off(story: Teller, sender: Partner) -> None:
    """Tell of a need that was met by telephone, somewhere else."""
    _, sector, need, _ = story.random.choice(TRADES)
    story.say(
        sender,
        "referral.handoff_reported",
        {"client": story.own, "subject": f"own:{random_id(story.random)}"},
        offer_id=random_id(story.random),
        need={"taxonomy": "manyhands", "code": need},
        area=story.random.choice(AREAS),
        urgency="soon",
        channel="phone",
        sector=sector,
        details=remark(story.random),
    )


def enrolled(story: Teller, home: Partner) -> None:
    """Tell of a stretch of service at the partner that knows the client."""
    head = {"subject": f"own:{random_id(story.random)}"}
    story.say(home, "episode.enrolled", {"client": story.own, **head}, programme="winter", household_head=True)
    story.say(home, "episode.service_delivered", head, kind="service", amount="3", unit="visit")
    if story.chance(0.5):
        reached = story.now.isoformat()
        story.say(home, "episode.milestone_reached", head, milestone="permanent-housing", reached_at=reached)
    story.say(home, "episode.exited", head, destination="rented-home", outcome="completed")


def registered(story: Teller, home: Partner) -> None:
    """Tell who the story is about."""
    head = {"client": story.own}
    story.say(home, "client.registered", head, categories=["adult"], details=person(story.random))
