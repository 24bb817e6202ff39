"""What a person allowed, judged at an instant."""

from datetime import UTC, datetime
from typing import Any

from tests.oracle.shapes import instant

#: Decision 74: what is recorded from then on tells nobody but a consent's recorder whom it names.
UNTOLD_FROM = datetime(2026, 11, 29, tzinfo=UTC)
_PARTS = frozenset({"partners", "classes", "networks"})
_READ = frozenset(
    [
        "admitted",
        "consent_id",
        "recipients",
        "except_recipients",
        "purposes",
        "data_classes",
        "programme_classes",
        "subject_capacity",
        "guardian_until",
        "hidden_from_guardian",
        "redisclosure",
        "conditioned_on_service",
        "valid_from",
        "expires_at",
        "form",
    ]
)
_NARROWS = frozenset(
    [
        "admitted",
        "consent_id",
        "recipients",
        "except_recipients",
        "purposes",
        "data_classes",
        "programme_classes",
        "expires_at",
    ]
)


def _unread(data: dict[str, Any], known: frozenset[str]) -> bool:
    return bool(data.keys() - known or (data.get("recipients") or {}).keys() - _PARTS)


def granted(data: dict[str, Any], by: str | None) -> dict[str, Any]:
    """Return the consent as it stands after this grant, which this partner recorded, or the person."""
    admitted, recipients = data["admitted"], data["recipients"]
    return {
        "partners": set(recipients.get("partners") or ()),
        "classes": set(recipients.get("classes") or ()),
        "networks": set(recipients.get("networks") or ()),
        "class_members": set(admitted.get("class_members") or ()),
        "network_members": set(admitted.get("network_members") or ()),
        "except": set(data.get("except_recipients") or ()),
        "purposes": set(data["purposes"]),
        "data_classes": set(data["data_classes"]),
        "programme_classes": set(data.get("programme_classes") or ()),
        "names_programmes": bool(data.get("programme_classes")),
        "from": instant(data["valid_from"]),
        "until": instant(data["expires_at"]) if data.get("expires_at") else None,
        "of_age": _of_age(data),
        "unread": _unread(data, _READ),
        "ended": False,
        "by": by,
        "private": bool(data.get("programme_classes")) and admitted.get("protected", True),
    }


def hides(consent: dict[str, Any], partner: str | None) -> bool:
    """Return whether a partner is not to learn whom the consent names."""
    return bool(consent["private"] and partner is not None and partner != consent["by"])


def _of_age(data: dict[str, Any]) -> datetime | None:
    """Return when the person signs for themselves; a guardian who does not say until when never signed."""
    if data["subject_capacity"] != "guardian":
        return None
    return instant(data["guardian_until"]) if data.get("guardian_until") else datetime.min.replace(tzinfo=UTC)


def narrowed(old: dict[str, Any], data: dict[str, Any]) -> dict[str, Any] | None:
    """Return what remains, None when it would be more than there was."""
    admitted, recipients, new = data["admitted"], data.get("recipients"), dict(old)
    if recipients is not None:
        for part in _PARTS:
            new[part] = set(recipients.get(part) or ())
        for part, members in (("classes", "class_members"), ("networks", "network_members")):
            if new[part] != old[part]:
                new[members] = set(admitted.get(members) or ()) & old[members]
    for part in ("purposes", "data_classes", "programme_classes"):
        if data.get(part) is not None:
            new[part] = set(data[part])
    if data.get("except_recipients") is not None:
        new["except"] = set(data["except_recipients"])
    if data.get("expires_at"):
        new["until"] = instant(data["expires_at"])
    new["unread"] = old["unread"] or _unread(data, _NARROWS)
    return new if _within(new, old) else None


def _within(new: dict[str, Any], old: dict[str, Any]) -> bool:
    """Whom a class stood for may be named now; no programme class at all means every unprotected one."""
    parts = ("classes", "networks", "purposes", "data_classes")
    shorter = old["until"] is None or (new["until"] is not None and new["until"] <= old["until"])
    named = new["partners"] <= old["partners"] | old["class_members"]
    before, after = old["programme_classes"], new["programme_classes"]
    programmes = not before or (bool(after) and after <= before)
    fewer = old["except"] <= new["except"] and all(new[part] <= old[part] for part in parts)
    return bool(shorter and named and programmes and fewer)


def in_force(consent: dict[str, Any], at: datetime) -> bool:
    """Return whether the consent is in force at this instant."""
    if consent["ended"] or consent["unread"]:
        return False
    over = ends(consent)
    return bool(consent["from"] <= at and (over is None or at < over))


def ends(consent: dict[str, Any]) -> datetime | None:
    """Return when it runs out: as it says itself, or as the person comes of age."""
    return min((end for end in (consent["until"], consent["of_age"]) if end is not None), default=None)


def covers(consent: dict[str, Any], offer: dict[str, Any]) -> bool:
    """Return whether the consent names this recipient, purpose, data and programme."""
    recipient, named = offer["recipient"], consent["partners"] | consent["class_members"]
    reached = recipient in named or (recipient in consent["network_members"] and not offer["protected"])
    if offer["protected"]:
        carried = consent["names_programmes"] and offer["programme_class"] in consent["programme_classes"]
    else:
        carried = not consent["programme_classes"] or offer["programme_class"] in consent["programme_classes"]
    return bool(shares(consent, offer) and carried and reached and recipient not in consent["except"])


def means(consent: dict[str, Any], partner: str | None) -> bool:
    """Return whether the person lets this partner receive anything at all."""
    named = consent["partners"] | consent["class_members"] | consent["network_members"]
    return partner in named - consent["except"]


def shares(consent: dict[str, Any], offer: dict[str, Any]) -> bool:
    """Return whether the consent names this purpose and data, whoever receives them."""
    return bool(offer["purpose"] in consent["purposes"] and offer["data_classes"] <= consent["data_classes"])


def for_itself(consent: dict[str, Any], partner: str | None) -> bool:
    """Return whether the partner is the only one that the consent lets receive anything."""
    named = consent["partners"] | consent["class_members"] | consent["network_members"]
    return bool(named - consent["except"] == {partner})
