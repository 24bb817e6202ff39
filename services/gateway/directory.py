"""Who takes part in the initiative and what they offer, as its log says now."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from msgspec import to_builtins
from starlette.responses import Response

from events.fields import SLUG_PATTERN
from events.topics import INITIATIVES
from projections.initiative import INITIATIVE
from projections.initiative.state import Partner, Service
from services.gateway.access import Action
from services.gateway.auth import may
from services.gateway.conditional import NOT_MODIFIED, answered
from services.gateway.cursor import Cursors, Paged
from services.gateway.manual import problems
from services.gateway.offered import Partners, PartnerWhole, Services, Token, WhichPartners, WhichServices
from services.gateway.parts import Parts, parts_of
from services.gateway.principal import Principal
from services.gateway.problems import ProblemError
from services.gateway.progress import now
from services.gateway.seeing import shown_at
from services.runtime.placement import placement

router = APIRouter(tags=["directory"])
Reader = Annotated[Principal, Depends(may(Action.DIRECTORY_READ))]
Shown = dict[str, Any]


@router.get(
    "/partners",
    operation_id="listPartners",
    response_model=Partners,
    responses=NOT_MODIFIED | problems(401, 403),
)
async def partners(request: Request, who: Reader, which: Annotated[WhichPartners, Query()]) -> Response:
    """List who takes part in the initiative."""
    parts = parts_of(request)
    await caught_up(parts, who, which.token)
    found = [_partner(id_, each) for id_, each in _partners(parts, who) if _is_wanted(each, which)]
    return _paged(request, who, which, ("partners", "/v1/partners"), found)


@router.get(
    "/partners/{partner}",
    operation_id="getPartner",
    response_model=PartnerWhole,
    responses=NOT_MODIFIED | problems(401, 403, 404),
)
async def partner(
    request: Request,
    who: Reader,
    partner: Annotated[str, Path(pattern=SLUG_PATTERN)],
    wanted: Annotated[Token, Query()],
) -> Response:
    """Show one partner and what it offers."""
    parts = parts_of(request)
    await caught_up(parts, who, wanted.token)
    found = dict(_partners(parts, who)).get(partner)
    if found is None:
        raise ProblemError(404, "not-found")
    offered = [_service(parts, who, id_, each) for id_, each in _services(parts, who) if each.partner == partner]
    shown = _partner(partner, found) | {"services": offered, "as_of": _vector(parts, who)}
    return answered(request, who, shown, _without_age(shown))


@router.get(
    "/services",
    operation_id="listServices",
    response_model=Services,
    responses=NOT_MODIFIED | problems(401, 403),
)
async def services(request: Request, who: Reader, which: Annotated[WhichServices, Query()]) -> Response:
    """List what partners offer, with the capacity that they reported last and how long ago that was."""
    found = await offered(parts_of(request), who, which)
    return _paged(request, who, which, ("services", "/v1/services"), found)


async def offered(parts: Parts, who: Principal, which: WhichServices) -> list[Shown]:
    """Return the services that are wanted, by partner and id, whatever page was asked for."""
    await caught_up(parts, who, which.token)
    found = [_service(parts, who, id_, each) for id_, each in _services(parts, who) if _is_offered(each, which)]
    return sorted(found, key=lambda each: (each["partner"], each["id"]))


async def caught_up(parts: Parts, who: Principal, token: str | None) -> None:
    """Read on in the log of initiatives; raise ProblemError while the caller's own is not read of yet."""
    at = shown_at(parts, who, token)
    of_initiatives = at is not None and at.topic == parts.settings.topic(INITIATIVES)
    await parts.admission.catch_up(at if of_initiatives else None)
    if not parts.admission.standing(who.initiative).is_open:
        # An empty list would say that nobody takes part.
        raise ProblemError(503, "too-stale", headers={"Retry-After": "1"})


def states(parts: Parts, who: Principal, kind: str) -> Iterator[tuple[str, Any]]:
    """Yield the initiative's aggregates of this kind by id, sorted."""
    table, decode = INITIATIVE.kinds[kind].table, INITIATIVE.kinds[kind].decode
    rows = parts.admission.initiative_store.tables[table.name]
    for initiative, record, id_ in sorted(rows):
        if initiative == who.initiative:
            yield id_, decode(rows[initiative, record, id_][table.place("state")])


def _partners(parts: Parts, who: Principal) -> Iterator[tuple[str, Partner]]:
    return states(parts, who, "partner")


def _services(parts: Parts, who: Principal) -> Iterator[tuple[str, Service]]:
    return states(parts, who, "service")


def _is_wanted(partner: Partner, which: WhichPartners) -> bool:
    return (
        which.class_ in (None, *partner.classes)
        and which.network in (None, *partner.networks)
        and which.sector in (None, partner.sector)
        and which.active in (None, partner.active)
    )


def _is_offered(service: Service, which: WhichServices) -> bool:
    return (
        which.partner in (None, service.partner)
        and which.need in (None, *service.needs)
        and (which.area in (None, *service.areas) or not service.areas)
        and which.accepts_referrals in (None, service.accepts_referrals)
        and which.class_ in (None, service.programme_class)
    )


def _partner(id_: str, partner: Partner) -> Shown:
    shown: Shown = to_builtins(partner)
    del shown["seats_of_lived_experience"]
    if partner.absence is not None:
        del shown["absence"]["recorded"]
    agreement = shown["agreement"]
    if agreement is not None:
        shown["agreement"] = {"version": agreement["version"], "signed": agreement["signed"]}
    return {"id": id_, **shown}


def _service(parts: Parts, who: Principal, id_: str, service: Service) -> Shown:
    shown: Shown = to_builtins(service)
    del shown["min_attempts"]
    shown["protected"] = service.programme_class in parts.admission.standing(who.initiative).protected
    if service.capacity is not None:
        shown["capacity"]["age_hours"] = max(0, int((now() - service.capacity.reported).total_seconds() // 3600))
    return {"id": id_, **shown}


def _vector(parts: Parts, who: Principal) -> Shown:
    partition = placement(parts.settings.count(INITIATIVES))(who.initiative.encode())
    return {"partition": partition, "next_offset": parts.admission.standing(who.initiative).offset}


def _paged(request: Request, who: Principal, which: Paged, named: tuple[str, str], found: list[Shown]) -> Response:
    """Answer with the page of what was found; a page goes on after the last one's place, whatever came between."""
    parts = parts_of(request)
    name, path = named
    question = which.model_dump(mode="json", by_alias=True, exclude={"limit", "cursor", "token"})
    cursors = Cursors(parts.binding, who, path, question)
    [after] = cursors.after(which.cursor, 1)
    left = found if after is None else [each for each in found if _place(each) > tuple(after)]
    page = left[: which.limit]
    following = cursors.next(which.limit, [_place(page[-1])]) if len(left) > len(page) else None
    told = {name: page, "next": following, "as_of": _vector(parts, who)}
    return answered(request, who, told, _without_age(told))


def _place(shown: Shown) -> tuple[str, str]:
    return shown.get("partner", ""), shown["id"]


def _without_age(shown: Shown) -> Shown:
    """Return what is shown without what goes with the clock alone."""
    services = [
        each | {"capacity": each["capacity"] and {**each["capacity"], "age_hours": None}}
        for each in shown.get("services", ())
    ]
    return shown | {"services": services}
