"""The HTTP application: every family of routes, one form of failure, and limits around all of it."""

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI

from services.gateway import problems
from services.gateway.approvals import router as approvals
from services.gateway.bodies import Bodies
from services.gateway.clients import router as clients
from services.gateway.codes import router as codes
from services.gateway.credentials import router as credentials
from services.gateway.departed import router as departed
from services.gateway.directory import router as directory
from services.gateway.disclosures import router as disclosures
from services.gateway.events import router as events
from services.gateway.exports import router as exports
from services.gateway.feeds.routes import router as feeds
from services.gateway.guard import Guard
from services.gateway.inboxes import router as inboxes
from services.gateway.journey import router as journey
from services.gateway.limits import Limited
from services.gateway.links.changing import router as own_changes
from services.gateway.links.door import router as link_door
from services.gateway.links.giving import router as giving
from services.gateway.links.leading import router as own_links
from services.gateway.links.offer import router as offer_pages
from services.gateway.links.own import router as own_pages
from services.gateway.links.routes import router as links
from services.gateway.links.telling import router as own_account
from services.gateway.lookups import router as lookups
from services.gateway.loops import router as loops
from services.gateway.manual import tidied
from services.gateway.me import router as me
from services.gateway.oneperson.asking import router as link_asking
from services.gateway.oneperson.deciding import router as link_deciding
from services.gateway.pages.agreeing import router as agreeing
from services.gateway.pages.answering import router as answering
from services.gateway.pages.find import router as find
from services.gateway.pages.me import router as own_page
from services.gateway.pages.numbering import router as numbering
from services.gateway.pages.oneperson import router as one_person
from services.gateway.pages.refer import router as refer
from services.gateway.pages.referral import router as one_referral
from services.gateway.pages.signing import router as signing
from services.gateway.pages.work import router as work
from services.gateway.parts import Parts
from services.gateway.referrals import router as referrals
from services.gateway.sealed import router as sealed
from services.gateway.sealing import router as sealing
from services.gateway.weekly.routes import router as weekly

#: One a family, each in a module of its own.
ROUTERS: tuple[APIRouter, ...] = (
    codes,
    events,
    lookups,
    # Before the routes by name, one of which it would be.
    exports,
    referrals,
    clients,
    link_asking,
    journey,
    disclosures,
    sealing,
    sealed,
    directory,
    departed,
    feeds,
    inboxes,
    loops,
    me,
    credentials,
    approvals,
    link_deciding,
    links,
)
#: For people's own eyes; of addresses that two of them could answer the earlier one does.
PAGES: tuple[APIRouter, ...] = (
    signing,
    own_page,
    one_person,
    work,
    find,
    refer,
    one_referral,
    # Before the forms by name, of which they would be.
    giving,
    agreeing,
    numbering,
    answering,
    link_door,
    offer_pages,
    own_pages,
    own_changes,
    own_links,
    own_account,
    weekly,
)


class Gateway(FastAPI):
    """FastAPI with the guard outside of everything, its own last resort included."""

    def build_middleware_stack(self) -> Any:
        parts: Parts = self.state.parts
        inner = Bodies(super().build_middleware_stack(), parts.telemetry)
        return Guard(Limited(inner, parts.limits), parts.telemetry)

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = tidied(super().openapi())
        return self.openapi_schema


def make(parts: Parts) -> FastAPI:
    """Return the application over these parts, which stay the caller's to close."""
    app = bare()
    app.state.parts = parts
    return app


def bare() -> Gateway:
    """Return the application without what it stands on: it can be described, and answers nothing."""
    app = Gateway(
        title="Manyhands",
        version=version("manyhands"),
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
    )
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router, prefix="/v1")
    for pages in PAGES:
        app.include_router(pages)
    return app
