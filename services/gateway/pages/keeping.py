"""The events by which what is not sent yet is kept.  Pure."""

from services.gateway.pages.referring import Plan, Row, registered, requested


def kept(plan: Plan, reason: str) -> list[Row]:
    """Return the events by which the house keeps what is not sent yet; nobody else is told of an offer in preparation.

    The reason, as a code, is that for throwing away the one that this takes up.
    """
    found = [registered(plan)] if plan.registers else []
    if plan.referral is None:
        found.append(requested(plan))
    found.append(_prepared(plan))
    return [*found, _discarded(plan, plan.taken_up, reason)] if plan.taken_up else found


def _prepared(plan: Plan) -> Row:
    values, data = plan.values, {"offer_id": plan.own, **plan.whom.addressed}
    if plan.referral is not None and "details" in values:
        data["details"] = values["details"]
    said = {"id": f"page-{plan.submission}-draft", "subject": plan.referral or plan.own, "data": data}
    return Row("referral.offer_drafted", said)


def _discarded(plan: Plan, draft: str, reason: str) -> Row:
    data = {"offer_id": draft, "reason": reason}
    return Row(
        "referral.offer_discarded", {"id": f"page-{plan.submission}-old", "subject": plan.referral, "data": data}
    )
