"""A log of needs at random from a seed, for figures of loops: everything that closes a loop, and undoes it again."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from heapq import merge
from random import Random
from typing import Any

from events.catalogue import Event
from services.runtime.placement import placement
from tests.oracle.reading import Raw
from tests.support.events import NOON, Line, Told, ident, line, partner

#: After every rule that there is took effect.
START = NOON + timedelta(days=280)
SENDERS = ("clinic", "school", "pantry")
RECIPIENTS = ("shelter", "bakery", "refuge", "library")
PROTECTED = "refuge"
NEEDS = ("shelter", "food", "rent")
AREAS = ("north", "south", None)
REASONS = ("no-capacity", "not-eligible", "outside-service-area")
BACKFILL = {"backfill": ident("backfill")}
Said = tuple[datetime, Event]


def loop_log(seed: int, clients: int) -> list[Event]:
    """Return what is said of that many clients over half a year, in the order that it is recorded."""
    random = Random(seed)
    stories = [Story(random, f"{seed} client {number}").told() for number in range(clients)]
    return [event for _, event in merge(*stories, key=lambda said: said[0])]


def loop_lines(seed: int, clients: int) -> list[Line]:
    """Return the records of it; each is recorded soon after it happened, or what happened long before when loaded."""
    random, records, clock = Random(seed), [], START
    for offset, event in enumerate(loop_log(seed, clients)):
        clock = max(clock + timedelta(milliseconds=1), event.time)
        # A broker's clock steps back now and then.
        stepped = timedelta(seconds=90) if random.random() < 0.02 else timedelta()
        records.append(line(event, offset, clock - stepped))
    return records


def spread_over(records: Iterable[Line], partitions: int) -> list[Raw]:
    """Return the records as they stand in the partitions of a log."""
    home, ends, found = placement(partitions), [0] * partitions, []
    for each in records:
        number = home(each.key or b"")
        found.append(Raw(number, ends[number], each.timestamp, each.key, each.value))
        ends[number] += 1
    return found


def service(recipient: str) -> str:
    return ident(f"service of {recipient}")


class Story:
    """One client's needs and what became of each, as a clock of its own goes on."""

    def __init__(self, random: Random, name: str) -> None:
        self.random = random
        self.now = START + timedelta(minutes=random.randrange(200 * 24 * 60))
        self.name = name
        self.sender = random.choice(SENDERS)
        self.tell = Told(client=ident(name), sender=self.sender)
        self.consent: dict[str, Any] = {"consent_id": ident(f"{name} consent")}
        self.admitted: dict[str, Any] = BACKFILL if random.random() < 0.15 else {}
        #: When their consent runs out, where it names a time.
        self.consent_until: str | None = None
        self.said: list[Event] = []

    def told(self) -> Iterator[Said]:
        """Yield the story; a few events are repeated, and a few said by somebody who may not."""
        self._opening()
        for number in range(self.random.choice((1, 1, 1, 2))):
            self._need(f"{self.name} need {number}")
        if self.likely(0.05):
            self.say(self.random.choice(("consent.revoked", "consent.entered_in_error")), **self.consent)
        if self.likely(0.04):
            self.say("client.erased")
            self.say("referral.requested", subject=ident(f"{self.name} too late"))
        for event in self.said:
            yield event.time, event
            if self.likely(0.03):
                yield event.time, self.random.choice(self.said[: self.said.index(event) + 1])

    def likely(self, chance: float) -> bool:
        return self.random.random() < chance

    def say(self, name: str, /, hours: int = 60, **data: Any) -> None:
        """Say it some time after what was said before."""
        self.now += timedelta(minutes=self.random.randrange(1, hours * 60))
        # Now and then it is told to have happened before what was told earlier.
        early = timedelta(hours=self.random.randrange(200)) if self.likely(0.04) and not self.admitted else timedelta()
        admitted = {**self.admitted, **data.pop("admitted", {})}
        self.said.append(self.tell(name, time=self.now - early, admitted=admitted, **data))

    def _opening(self) -> None:
        self.say("client.registered")
        allowed: dict[str, Any] = {
            "recipients": {"partners": list(RECIPIENTS), "classes": ["housing"]},
            "programme_classes": ["general", "substance-use"],
            "valid_from": "2020-01-01T00:00:00Z",
            "admitted": {"class_members": ["shelter"]},
        }
        if self.likely(0.1):
            self.consent_until = (self.now + timedelta(days=self.random.randrange(1, 40))).isoformat()
        self.say("consent.granted", **self.consent, **allowed, expires_at=self.consent_until)

    def _need(self, name: str) -> None:
        need: dict[str, Any] = {
            "need": {"taxonomy": "open-eligibility", "code": self.random.choice(NEEDS)},
            "urgency": "soon",
        }
        area = self.random.choice(AREAS)
        need |= {"area": area} if area else {}
        about: dict[str, Any] = {"subject": ident(name)}
        if self.likely(0.08):
            outside = {**about, "offer_id": ident(f"{name} outside")}
            self.say("referral.handoff_reported", **need, **outside)
            if self.likely(0.5):
                self.say("referral.outcome_reported_by_sender", outcome=self._outcome(), **outside)
            return
        self.say("referral.requested", **need, **about)
        Attempts(self, name).told()

    def _outcome(self) -> str:
        return self.random.choice(("delivered", "delivered", "partly", "not-delivered"))


class Attempts:
    """The offers for one need, one after another, until somebody serves or its sender gives up."""

    def __init__(self, story: Story, name: str) -> None:
        self.story, self.name = story, name
        self.about: dict[str, Any] = {"subject": ident(name)}
        self.recipient = ""

    def told(self) -> None:
        likely = self.story.likely
        before: dict[str, str] = {}
        for number in range(3):
            offer = ident(f"{self.name} offer {number}")
            self.about["offer_id"] = offer
            self._sent(before)
            before = {"replaces": offer}
            if likely(0.95):
                self._answered()
            if not likely(0.45):
                break
        if likely(0.3):
            self.story.say("referral.closed", subject=self.about["subject"])
        self._aside()
        self._aside()
        if likely(0.08):
            # Long after others were asked as well, the first turns out to have been an error.
            self.about["offer_id"] = ident(f"{self.name} offer 0")
            self.say("entered_in_error")

    def say(self, name: str, /, *, by: str | None = None, **data: Any) -> None:
        source: dict[str, Any] = {} if by is None else {"source": by if ":" in by else partner(by)}
        self.story.say(f"referral.{name}", **self.about, **source, **data)

    def _sent(self, before: dict[str, str]) -> None:
        self.recipient = self.story.random.choice(RECIPIENTS)
        protected = self.recipient == PROTECTED
        programme: dict[str, Any] = {
            "programme_class": "substance-use" if protected else "general",
            "protected": protected,
        }
        due = (self.story.now + timedelta(days=14)).isoformat()
        usual = {**before, **self.story.consent, "service_id": service(self.recipient), "respond_by": due}
        usual["duplicate_reason"] = "other"
        if self.story.likely(0.1):
            self.recipient = ""
            programme = {"programme_class": None, "protected": False, "class_members": ["shelter"]}
            self.say("offer_sent", recipient=None, to_class="housing", admitted=programme, **usual)
        else:
            self.say("offer_sent", recipient=self.recipient, admitted=programme, **usual)
        self.due = due

    def _answered(self) -> None:
        likely, random = self.story.likely, self.story.random
        if likely(0.03):
            self.say("offer_accepted", by="stranger")
        if likely(0.5):
            self.say("offer_viewed", by=self.recipient or "shelter")
        if likely(0.25):
            self.say("offer_expired", hours=24 * 20, deadline=self.due)
            if likely(0.6):
                if likely(0.2):
                    self._gone()
                return
        turn = random.random()
        if turn < 0.2 and self.recipient:
            self.say("offer_declined", by=self.recipient, reason=random.choice(REASONS))
        elif turn < 0.25:
            self.say("offer_recalled")
        elif turn < (0.28 if self.story.consent_until is None else 0.6):
            self._gone()
        else:
            self._accepted()
            self._worked()
        self._aside()

    def _gone(self) -> None:
        """Let the clock withdraw it: as somebody is gone who was asked or who asked, or as the consent is over."""
        until = self.story.consent_until
        why: dict[str, Any] = {"reason": self.story.random.choice(("partner-left", "sender-left", "sender-suspended"))}
        if until is not None:
            why = {"reason": "consent-expired", "deadline": until}
        self.say("withdrawn", by="urn:manyhands:system:timekeeper", **why)

    def _accepted(self) -> None:
        if self.recipient:
            self.say("offer_accepted", by=self.recipient)
            return
        self.recipient = "shelter"
        may = {"recipient_classes": ["housing"], "programme_class": "general", "protected": False}
        self.say("offer_claimed", by="shelter", service_id=service("shelter"), admitted=may)

    def _worked(self) -> None:
        likely, by = self.story.likely, self.recipient
        if likely(0.2):
            self.say("waitlisted", by=by)
        if likely(0.6):
            self.say("service_started", by=by)
        if likely(0.1):
            self.say("put_on_hold", by=by)
            self.say("resumed", by=by)
        if likely(0.08):
            self.say("cancel_requested")
            if likely(0.7):
                self.say("cancel_confirmed", by=by)
        if likely(0.05):
            self.say("withdrawn", by=by)
        if likely(0.75):
            self._finished()

    def _finished(self) -> None:
        likely = self.story.likely
        self._ended("outcome_recorded")
        if likely(0.6):
            self.say("outcome_acknowledged")
        if likely(0.2):
            self._ended("outcome_corrected", because="wrong-entry")
        if likely(0.3):
            self.say("outcome_acknowledged")

    def _ended(self, name: str, **data: Any) -> None:
        outcome = self.story.random.choice(("delivered", "delivered", "partly", "not-delivered"))
        given: dict[str, Any] = {"reason": "no-show", "outputs": []}
        if outcome != "not-delivered":
            given = {"reason": None, "outputs": [{"kind": "bed-night", "amount": "3"}]}
        self.say(name, by=self.recipient, outcome=outcome, **given, **data)

    def _aside(self) -> None:
        """Say what may be said at any time of an offer that was sent."""
        likely, random, story = self.story.likely, self.story.random, self.story
        if likely(0.1):
            heard = random.choice(("delivered", "partly", "not-delivered"))
            self.say("outcome_reported_by_sender", outcome=heard)
        if likely(0.25):
            self.say("client_asked")
        if likely(0.25):
            own = random.choice((None, "urn:manyhands:client-link:abc"))
            met = random.choice(("yes", "yes", "partly", "no"))
            self.say("client_answered", by=own, need_met=met, stop_sharing=likely(0.1))
        if likely(0.04):
            self.say("entered_in_error")
        if likely(0.05):
            kept = random.sample(RECIPIENTS, 2)
            story.say("consent.narrowed", **story.consent, recipients={"partners": kept})
