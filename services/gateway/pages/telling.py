"""What is told of one referral: how it stands, its offers, what can be done now, and what was said about it."""

from collections.abc import Mapping, Sequence
from typing import Any

from projections.referral.state import Offer
from services.gateway.pages.actions import Action, possible
from services.gateway.pages.html import NOTHING, Html, form, hidden, tag, together
from services.gateway.pages.known import Known
from services.gateway.pages.submissions import fresh
from services.gateway.pages.tables import table
from services.gateway.pages.words import URGENCIES, detail, event, span
from services.gateway.shapes import whole
from services.gateway.sight import Sight

_WITHHELD = {
    "erased": "The person is erased.",
    "consent-not-in-force": "The person's consent does not cover this any more, so need and place are not shown.",
}
#: Who speaks beside partners.
_NOT_PARTNERS = {"system": "the system", "link": "somebody with a link", "client-link": "the person"}
#: When what happened to an offer, and what that is called.
_TIMES = (
    ("sent", "Sent"),
    ("viewed", "Looked at"),
    ("responded", "Answered"),
    ("expected_by", "Expected to be served by"),
    ("started", "Service begun"),
    ("closed", "Ended"),
    ("acknowledged", "End seen by the sender"),
)


class Shown:
    """One referral as one partner's staff sees it."""

    def __init__(self, sight: Sight, referral: str, name: str | None, known: Known, partner: str | None) -> None:
        self.sight = sight
        self.referral = referral
        self.known = known
        self.partner = partner
        self.told: Mapping[str, Any] = whole(sight, referral, name, known.now)

    @property
    def title(self) -> str:
        """What the referral is called."""
        need = self.told["need"]
        return f"Referral: {self.known.label('need', need['code'])}" if need else "Referral"

    def standing(self) -> Html:
        """Return how it stands and who owes the next step."""
        told = self.told
        state = tag("p", tag("b", detail(told["detail"])), ". ", self._turn(), class_="standing")
        withheld = tag("p", _WITHHELD[told["withheld"]]) if told["withheld"] else NOTHING
        return together(state, withheld, self._facts())

    def _turn(self) -> Html:
        turn = self.told["next"]
        if turn is None:
            return together("Nobody owes a step.")
        sight, lead = self.sight, self.sight.standing.offer
        owes = sight.referral.sender if turn["who"] == "sender" else lead.recipient if lead else None
        name = "It is your turn" if owes == self.partner else f"It is {self.known.partner(owes)}'s turn"
        late = "; this is overdue" if turn["overdue"] else ""
        by = together(", by ", self.known.when(turn["by"]), late) if turn["by"] else NOTHING
        return together(name, by, ".")

    def _facts(self) -> Html:
        told, known = self.told, self.known
        facts: list[tuple[str, str]] = [("Person", told["client"] or "no name of ours yet")]
        if told["need"]:
            facts += [
                ("Need", known.label("need", told["need"]["code"])),
                ("Where", known.label("area", told["area"])),
                ("Urgency", URGENCIES[told["urgency"]]),
            ]
        facts += [("From", known.partner(told["sender"])), ("Stated", known.when(told["requested"]))]
        return terms(facts)

    def offers(self) -> Html:
        """Return the offers, the latest first, each with what can be done about it now."""
        return together(*(self._offer(offer) for offer in reversed(self.sight.offers)))

    def _offer(self, offer: Offer) -> Html:
        known = self.known
        times = [(name, getattr(offer, field)) for field, name in _TIMES]
        facts: list[tuple[str, str]] = [("How it stands", detail(offer.detail))]
        facts += [("Answer by", known.when(offer.respond_by))] if offer.status == "requested" else []
        facts += [(name, known.when(at)) for name, at in times if at is not None]
        codelist = "decline-reason" if offer.status == "rejected" else "outcome-reason"
        facts += [("Why", known.label(codelist, offer.reason))] if offer.reason else []
        shared = ", ".join(known.label("data-class", each).lower() for each in offer.data_classes)
        facts += [("Shared", shared), ("What for", known.label("purpose", offer.purpose))]
        facts += [("Programme", "protected: show this to nobody else")] if offer.protected else []
        title = f"{known.partner(offer.recipient)}: {known.service(offer.service)}"
        return tag("section", tag("h3", title), terms(facts))

    def doing(self, proof: str) -> Html:
        """Return what can be done now, offer by offer."""
        several = len(self.sight.offers) > 1
        found = [
            self._do(action, offer, proof, several=several)
            for offer in reversed(self.sight.offers)
            for action in possible(self.sight, offer, self.partner)
        ]
        again = self._again()
        if not found and not again:
            return tag("p", "There is nothing for you to do now.")
        return together(tag("ul", *(tag("li", each) for each in (*found, *again)), role="list", class_="doing"))

    def _do(self, action: Action, offer: Offer, proof: str, *, several: bool) -> Html:
        place = f"/referrals/{self.referral}/{action.slug}"
        whose = f" ({self.known.partner(offer.recipient)})" if several else ""
        if action.fields:
            return tag("a", action.title + whose, href=f"{place}?offer={offer.id}", class_="button")
        button = tag("button", action.title + whose, type="submit")
        kept = (hidden("offer", offer.id), hidden("submission", fresh()))
        return together(form(place, proof, *kept, button), tag("p", action.meaning, class_="hint"))

    def _again(self) -> Sequence[Html]:
        turn = self.told["next"]
        if self.sight.role != "sender" or turn is None or "referral.offer_sent" not in turn["events"]:
            return ()
        return (tag("a", "Offer it to somebody else", href=f"/referrals/{self.referral}/offer", class_="button"),)


def terms(facts: Sequence[tuple[str, str]]) -> Html:
    """Return names with what they stand for."""
    return tag("dl", *(part for name, value in facts for part in (tag("dt", name), tag("dd", value))))


def history(entries: Sequence[Mapping[str, Any]], known: Known) -> Html:
    """Return what was said, the oldest first, with what time lay between."""
    return table("What was said", ("When", "What", "Who", "After"), [_entry(entry, known) for entry in entries])


def _entry(entry: Mapping[str, Any], known: Known) -> tuple[str, ...]:
    refused = entry["outcome"] == "refused"
    what = event(entry["type"]) + (" (refused: it changed nothing)" if refused else "")
    by = _NOT_PARTNERS.get(entry["by"]) or known.partner(entry["by"])
    after = span(entry["seconds"]) if entry["seconds"] is not None else ""
    return (known.when(entry["happened"]), what, by, after)
