"""How the steps of a referral look."""

from collections.abc import Mapping
from types import MappingProxyType

from starlette.responses import Response

from services.gateway.pages.asking import Faults, show, summary
from services.gateway.pages.desk import Desk
from services.gateway.pages.drafting import Draft, Step
from services.gateway.pages.html import NOTHING, Html, form, hidden, page, tag, together
from services.gateway.pages.referring import CONSENTS, NEW, SERVICES, Plan
from services.gateway.pages.staff import REFER, ways
from services.gateway.pages.words import URGENCIES, listed, written_day

_TITLES: Mapping[Step, str] = MappingProxyType(
    {
        "need": "Who needs what",
        "service": "Who can help",
        "agreement": "What the person agreed to",
        "preview": "Look at it before you send it",
    }
)
#: What a form carries, and what proves where it comes from.
Carried = tuple[str, str]


def shown(desk: Desk, draft: Draft, carried: Carried, faults: Faults, plan: Plan | None) -> Response:
    """Return the page of the draft's step."""
    state, proof = carried
    fields = [field for field in desk.fields(draft) if not (field.name == "consent_id" and desk.only_new)]
    kept = hidden("consent_id", NEW) if draft.step == "agreement" and desk.only_new else NOTHING
    place = f"Step {draft.steps.index(draft.step) + 1} of {len(draft.steps)}"
    body = _preview(desk, plan) if plan is not None else show(fields, draft.typed, desk.lists, faults)
    empty = draft.step == "service" and not desk.lists(SERVICES)
    asked = form(REFER, proof, hidden("draft", state), kept, body, _buttons(draft, plan, stuck=empty), novalidate=True)
    lead = _nobody(desk, draft) if empty else _about(desk, draft)
    title = f"Send a referral: {_TITLES[draft.step].lower()}"
    told = (tag("p", place, class_="place"), summary(fields, faults), lead, asked)
    return page(_titled(title, faults), *told, nav=ways(REFER), status=422 if faults else 200)


def _titled(title: str, faults: Faults) -> str:
    return f"To be mended: {title}" if faults else title


def _about(desk: Desk, draft: Draft) -> Html:
    if draft.step == "service" and desk.unfit:
        return tag("p", f"Suggested too, and offering nothing that fits: {listed(desk.unfit)}.")
    if draft.step != "agreement":
        return NOTHING
    shared = listed([desk.known.label("data-class", each).lower() for each in draft.typed.all("data_classes")])
    purpose = desk.known.label("purpose", draft.typed.one("purpose")).lower()
    said = (
        tag("p", "What is to be shared: ", tag("b", shared), "."),
        tag("p", "With: ", tag("b", _with(desk, draft)), "."),
        tag("p", "What for: ", tag("b", purpose), "."),
    )
    found = "" if desk.only_new else "Choose what covers this, or record something new."
    none = "Nothing that the person agreed to covers this yet, so it is recorded now." if desk.only_new else found
    return together(*said, tag("p", none))


def _with(desk: Desk, draft: Draft) -> str:
    asked = desk.asked(draft)
    if asked is None:
        return _service(desk, draft.typed.one("service_id"))
    return f"whoever takes the person on first ({desk.known.any(asked.code)}), of those whom the person agrees to"


def _nobody(desk: Desk, draft: Draft) -> Html:
    need = desk.known.label("need", draft.typed.one("need"))
    text = f"Nobody who takes referrals offers this there at present: {need}. Choose another place or need, or call."
    outside = "If somebody outside helps, keep it for later, and say on its page that it was arranged outside."
    return together(tag("p", text, class_="empty"), tag("p", outside))


def _buttons(draft: Draft, plan: Plan | None, *, stuck: bool) -> Html:
    back = tag("button", "Back", type="submit", name="go", value="back", class_="quiet")
    on = tag("button", "Go on", type="submit", name="go", value="on")
    send = tag("button", "Send the referral", type="submit", name="go", value="send")
    first = NOTHING if stuck else send if plan is not None else on
    keep = tag("button", "Keep it for later", type="submit", name="go", value="keep", class_="quiet")
    return tag("div", first, back if draft.step != draft.steps[0] else NOTHING, keep, class_="buttons")


def _preview(desk: Desk, plan: Plan) -> Html:
    """Return what will be shared with whom, in words."""
    known, values = desk.known, plan.values
    goes, who = _goes(desk, plan), "They" if plan.whom.to_class is None else "Whoever is first"
    first = [("Goes to", goes), ("They are told at once", _at_once(desk, plan))]
    facts = [*first, (f"{who} can read once they accept", _later(values)), ("Agreed to", _agreed(desk, plan))]
    facts += [
        ("Answer by", f"the end of {written_day(values['respond_by'])}"),
        ("What for", known.label("purpose", values["purpose"])),
    ]
    if plan.referral is None:
        facts.insert(0, ("Your number for the person", _number(values, plan)))
    elif desk.called is not None:
        facts.insert(0, ("Person", desk.called))
    terms = [part for name, value in facts for part in (tag("dt", name), tag("dd", value))]
    note = "All of it was tried just now and would be taken. Nothing is sent yet."
    return together(tag("dl", *terms), tag("p", note))


def _goes(desk: Desk, plan: Plan) -> str:
    if plan.whom.to_class is None:
        return _service(desk, plan.values["service_id"])
    return f"{listed([desk.known.partner(each) for each in plan.whom.members])}: whoever takes the person on first"


def _service(desk: Desk, service: str) -> str:
    found = desk.known.services.get(service)
    return f"{desk.known.partner(found.partner)}: {found.name}" if found else ""


def _number(values: Mapping[str, object], plan: Plan) -> str:
    """Return the sender's number, and whether the initiative hears of the person for the first time."""
    return f"{values['own']}{' (registered with this referral)' if plan.registers else ''}"


def _at_once(desk: Desk, plan: Plan) -> str:
    known, values = desk.known, plan.values
    whose = ", and that it comes from you" if plan.whom.to_class is None else "; neither who it is nor who asks"
    if plan.referral is not None:
        return f"need, area and urgency, as they were stated{whose}"
    area = f", {known.label('area', values['area'])}" if "area" in values else ""
    urgency = URGENCIES[values["urgency"]].lower()
    return f"{known.label('need', values['need'])}{area}, {urgency}{whose}"


def _later(values: Mapping[str, object]) -> str:
    details = values.get("details")
    return f"what you wrote ({len(details)} characters)" if isinstance(details, str) else "nothing further"


def _agreed(desk: Desk, plan: Plan) -> str:
    shared = listed([desk.known.label("data-class", each).lower() for each in plan.values["data_classes"]])
    if plan.grants:
        how = desk.known.label("consent-form", plan.values["form"]).lower()
        return f"recorded with this referral ({how}): {shared}"
    return dict(desk.lists(CONSENTS))[plan.values["consent_id"]]
