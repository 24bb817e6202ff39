"""How an initiative begins: said by the system itself, and only as far as the log does not say it already."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from events.codelists import standard
from services.admission.standing import Standing

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Founding:
    """What has to be known to begin; `registrar` is a random id of the backbone's first registrar."""

    initiative: str
    name: str
    zone: str
    backbone: str
    backbone_name: str
    registrar: str


def rows(founding: Founding, standing: Standing, now: datetime) -> list[bytes]:
    """Return the rows that are still to be said, in order; none when the initiative stands as it should."""
    time = now.isoformat()
    said = [*_initiative(founding, standing), *_backbone(founding, standing, time), *_registrar(founding, standing)]
    return [orjson.dumps({**row, "time": time}) for row in said]


def _initiative(founding: Founding, standing: Standing) -> Iterator[Row]:
    if not standing.is_open:
        data = {"name": founding.name, "zone": founding.zone, "backbone": founding.backbone}
        yield _row("initiative.opened", founding.initiative, data)
    for name, labels in standard().items():
        if name not in standing.codelists:
            entries = [{"code": code, "label": label} for code, label in labels.items()]
            yield _row("initiative.codelist_published", founding.initiative, {"codelist": name, "entries": entries})


def _backbone(founding: Founding, standing: Standing, time: str) -> Iterator[Row]:
    member = standing.members.get(founding.backbone)
    if member is None:
        data = {"name": founding.backbone_name, "sector": "social-services", "reporting": "client-level"}
        yield _row("partner.joined", founding.backbone, data)
    if member is None or not member.agreed:
        signed = {"agreement_id": "own:founding", "version": "founding", "signed_at": time}
        yield _row("partner.agreement_signed", founding.backbone, signed)


def _registrar(founding: Founding, standing: Standing) -> Iterator[Row]:
    if not standing.registrars:
        role = {"person_id": founding.registrar, "role": "registrar"}
        yield _row("partner.role_assigned", founding.backbone, role)


def _row(name: str, subject: str, data: Row) -> Row:
    """Return what is said once in an initiative's life, so that its id may be made of what it says."""
    which = data.get("codelist", subject)
    return {"id": f"{name}/{which}", "type": name, "subject": subject, "data": data}
