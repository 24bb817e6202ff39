"""What is told of one referral: how it stands, its offers, what can be done now, and what was said about it."""

from collections.abc import Mapping, Sequence
from typing import Any

from projections.referral.asked import is_unclaimed
from projections.referral.state import Draft, Offer
from projections.referral.transitions import TAKEN
from services.gateway.owed import disputed
from services.gateway.pages.actions import Action, Target, drafts_of, is_open
from services.gateway.pages.html import NOTHING, Html, form, hidden, tag, together
from services.gateway.pages.known import Known
from services.gateway.pages.spoken import in_words
from services.gateway.pages.submissions import fresh
from services.gateway.pages.tables import table
from services.gateway.pages.vocabulary import ACTIONS
from services.gateway.pages.words import CHANNELS, MET, OUTCOMES, URGENCIES, detail, event, local, span
from services.gateway.shapes import whole
from services.gateway.sight import Sight
from services.vault.names import Name

NOTHING_TO_DO = "Nothing waits for you here."
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
    ("cancel_asked", "Cancelling asked for"),
    ("closed", "Ended"),
    ("acknowledged", "End seen by the sender"),
)
#: Of which codelist an offer's reason is, by its fine state or its status.
_REASONS = {
    "rejected": "decline-reason",
    "recalled": "recall-reason",
    "cancel-requested": "recall-reason",
    "cancel-confirmed": "recall-reason",
    "cancel-unanswered": "recall-reason",
    **dict.fromkeys(("withdrawn", "recipient-left", "sender-left", "consent-expired"), "withdraw-reason"),
    "on-hold": "hold-reason",
    "entered-in-error": "error-reason",
}
NO_NAME = "no name of ours yet"
#: What stands in the place of who asks and who needs help, for whoever could claim it as one of a class.
UNTOLD = "told once you take it on"


class Shown:
    """One referral as one partner's staff sees it."""

    def __init__(self, sight: Sight, referral: str, name: Name | None, known: Known, partner: str | None) -> None:
        self.sight = sight
        self.referral = referral
        self.known = known
        self.partner = partner
        self.told: Mapping[str, Any] = whole(sight, referral, name, known.now, str)

    @property
    def title(self) -> str:
        """What the referral is called."""
        need = self.told["need"]
        return f"Referral: {self.known.label('need', need['code'])}" if need else "Referral"

    def standing(self) -> Html:
        """Return how it stands and who owes the next step."""
        told = self.told
        lead = self.sight.standing.offer
        stands = "Arranged outside" if self._outside() else detail(told["detail"])
        stands += "; the person says that the need was not met" if lead is not None and disputed(lead) else ""
        state = tag("p", tag("b", stands), ". ", self._turn(), class_="standing")
        withheld = tag("p", _WITHHELD[told["withheld"]]) if told["withheld"] else NOTHING
        return together(state, withheld, self._facts())

    def _turn(self) -> Html:
        turn, ended, sight = self.told["next"], self._ended(), self.sight
        lead = sight.standing.offer
        if sight.role == "class-member":
            still = "still " if lead is not None and lead.status != "requested" else ""
            return together(f"You can {still}take it on, and so can others; the first who does it helps.")
        if turn is None or ended:
            return together(ended or "Nobody owes a step.")
        # Of several that were asked, one who is late comes before whoever leads.
        lead = next((offer for offer in sight.offers if offer.id == turn["offer"]), lead)
        sends = turn["who"] == "sender" or lead is None
        mine = self.partner == (sight.referral.sender if lead is None or sends else lead.recipient)
        whose = self.known.partner(sight.referral.sender) if lead is None or sends else self.known.whom(lead)
        other = f"the turn of {whose}" if lead is not None and is_unclaimed(lead) and not sends else f"{whose}'s turn"
        name = "It is your turn" if mine else f"It is {other}"
        late = "; this is overdue" if turn["overdue"] else ""
        by = together(", by ", self.known.when(turn["by"]), late) if turn["by"] else NOTHING
        return together(name, by, ".")

    def _ended(self) -> str:
        """Return what its sender says of the need as a whole; no recipient is told."""
        said = self.sight.referral
        if self.sight.role != "sender":
            return ""
        if said.handoff is not None:
            return "Nobody there says here how it ends."
        if said.closed is not None and self.told["loop"] != "open":
            return f"No further attempt is made: {self.known.label('close-reason', said.disposition).lower()}."
        return ""

    def _facts(self) -> Html:
        told, known = self.told, self.known
        person = told["client_own"] or told["client"] or (NO_NAME if told["sender"] else UNTOLD)
        facts: list[tuple[str, str]] = [("Person", person)]
        if told["need"]:
            facts += [
                ("Need", known.label("need", told["need"]["code"])),
                ("Where", known.label("area", told["area"])),
                ("Urgency", URGENCIES[told["urgency"]]),
            ]
        facts += [
            *self._outside(),
            ("From", known.partner(told["sender"]) if told["sender"] else UNTOLD),
            ("Stated", known.when(told["requested"])),
        ]
        return terms(facts)

    def _outside(self) -> list[tuple[str, str]]:
        """Return what is known of what was arranged outside; no recipient is told."""
        outside, known = self.sight.referral.handoff, self.known
        if outside is None or self.sight.role != "sender":
            return []
        heard = OUTCOMES[outside.heard] if outside.heard else "nothing heard yet"
        with_ = known.label("sector", outside.sector)
        return [("Arranged with", with_), ("Told", CHANNELS[outside.channel]), ("Served, as you heard", heard)]

    def offers(self) -> Html:
        """Return the offers, the latest first, each with what can be done about it now."""
        if not self.sight.offers:
            return tag("p", "Nobody was asked yet.")
        return together(*(self._offer(offer) for offer in reversed(self.sight.offers)))

    def _offer(self, offer: Offer) -> Html:
        known = self.known
        times = [(name, getattr(offer, field)) for field, name in _TIMES]
        facts: list[tuple[str, str]] = [("How it stands", detail(offer.detail))]
        facts += [("Answer by", known.when(offer.respond_by))] if offer.status == "requested" else []
        facts += [("To begin by", known.when(offer.start_by))] if _by_policy(offer) and offer.start_by else []
        facts += [(name, known.when(at)) for name, at in times if at is not None]
        facts += [("Why", known.label(_reasons(offer), offer.reason))] if offer.reason else []
        facts += [("Attempts to reach the person", str(offer.contacts))] if offer.contacts else []
        facts += [("Served, as the sender heard", OUTCOMES[offer.heard])] if offer.heard else []
        facts += [("Need met, as the person says", MET[offer.need_met])] if offer.need_met else []
        shared = ", ".join(known.label("data-class", each).lower() for each in offer.data_classes)
        facts += [("Shared", shared), ("What for", known.label("purpose", offer.purpose))]
        facts += [("Programme", "protected: show this to nobody else")] if offer.protected else []
        whom = known.whom(offer)
        title = f"{whom}: {known.service(offer.service)}" if offer.recipient else whom
        return tag("section", tag("h3", title), terms(facts))

    def doing(self, proof: str) -> Html:
        """Return what can be done now, offer by offer; what is seldom said stands apart."""
        can = [(action, target) for target in self._targets() for action in self._possible(target)]
        often = [self._do(action, offer, proof) for action, offer in can if not action.seldom]
        seldom = [self._link(action, offer, "") for action, offer in can if action.seldom]
        first = [*often, *self._again()]
        found = tag("ul", *(tag("li", each) for each in first), role="list", class_="doing") if first else NOTHING
        if not seldom:
            return found or tag("p", NOTHING_TO_DO)
        rest = tag("ul", *(tag("li", each) for each in seldom), role="list")
        return together(found or tag("p", NOTHING_TO_DO), tag("h3", "Said less often"), rest)

    def _targets(self) -> Sequence[Target]:
        """Return all that something may be said of, what is said of the need itself last."""
        sight = self.sight
        outside = (sight.referral.handoff,) if sight.role == "sender" and sight.referral.handoff else ()
        return (*reversed(sight.offers), *drafts_of(sight), *outside, None)

    def _possible(self, target: Target) -> list[Action]:
        return [action for action in ACTIONS.values() if is_open(action, self.sight, target, self.partner)]

    def _do(self, action: Action, offer: Target, proof: str) -> Html:
        if action.fields:
            return self._link(action, offer, "button")
        button = tag("button", self._said(action, offer), type="submit")
        kept = (hidden("offer", offer.id if offer else ""), hidden("submission", fresh()))
        asked = form(f"/referrals/{self.referral}/{action.slug}", proof, *kept, button)
        return together(asked, tag("p", action.meaning, class_="hint"))

    def _link(self, action: Action, offer: Target, look: str) -> Html:
        place = f"/referrals/{self.referral}/{action.slug}{f'?offer={offer.id}' if offer else ''}"
        return tag("a", self._said(action, offer), href=place, class_=look or False)

    def _said(self, action: Action, target: Target) -> str:
        """Return what the action is called, and which offer it is about where there are several."""
        match target:
            case Offer() if len(self.sight.offers) > 1:
                return f"{action.title} ({self.known.whom(target)})"
            case Draft() if len(drafts_of(self.sight)) > 1:
                return f"{action.title} ({self._prepared(target)})"
        return action.title

    def _prepared(self, draft: Draft) -> str:
        """Return what tells one draft from another."""
        whom = self.known.whom(draft) if draft.recipient or draft.to_class else "nobody that was chosen yet"
        return f"{whom}, {local(draft.drafted, self.known.zone)}"

    def _again(self) -> Sequence[Html]:
        turn, said = self.told["next"], self.sight.referral
        given_up = said.closed is not None and bool(said.offers) and not self.sight.client.erased
        asks = turn is not None and "referral.offer_sent" in turn["events"]
        if self.sight.role != "sender" or not (asks or given_up):
            return ()
        place = f"/referrals/{self.referral}/offer"
        drafts = [self._go_on(each, f"{place}?draft={each.id}") for each in drafts_of(self.sight)]
        other = "Offer it to somebody else" if self.sight.offers else "Offer it to somebody"
        return (*drafts, tag("a", other, href=place, class_="button quiet" if drafts else "button"))

    def _go_on(self, draft: Draft, place: str) -> Html:
        whom = self._prepared(draft)
        link = tag("a", "Go on with the draft", href=place, aria_label=f"Go on with the draft: {whom}", class_="button")
        return together(link, tag("p", f"For {whom}", class_="hint"))


def _by_policy(offer: Offer) -> bool:
    """Say whether it is still to begin, by the initiative's days alone."""
    return offer.status in TAKEN and offer.started is None and offer.expected_by is None


def _reasons(offer: Offer) -> str:
    """Return the codelist that the offer's reason is of."""
    return _REASONS.get(offer.detail) or _REASONS.get(offer.status, "outcome-reason")


def terms(facts: Sequence[tuple[str, str]]) -> Html:
    """Return names with what they stand for."""
    return tag("dl", *(part for name, value in facts for part in (tag("dt", name), tag("dd", value))))


def history(entries: Sequence[Mapping[str, Any]], known: Known) -> Html:
    """Return what was said, the oldest first, with what came with it and what time lay between."""
    return table(
        "What was said", ("When", "What", "They said", "Who", "After"), [_entry(entry, known) for entry in entries]
    )


def _entry(entry: Mapping[str, Any], known: Known) -> tuple[str, ...]:
    refused = entry["outcome"] == "refused"
    what = event(entry["type"]) + (" (refused: it changed nothing)" if refused else "")
    by = _NOT_PARTNERS.get(entry["by"]) or (known.partner(entry["by"]) if entry["by"] else UNTOLD)
    after = span(entry["seconds"]) if entry["seconds"] is not None else ""
    return (known.when(entry["happened"]), what, in_words(entry["type"], entry["said"], known), by, after)
