"""Where a referral is put together: who can be asked, what the person agreed to, and what comes of both."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from projections.initiative.state import RESPOND_DAYS
from projections.referral.consent import Ask
from projections.referral.state import Consent
from services.gateway.agreed import Person, covering, person, standing
from services.gateway.directory import offered
from services.gateway.naming import naming
from services.gateway.offered import WhichServices
from services.gateway.pages.asking import Answers, read
from services.gateway.pages.drafting import Draft, Step
from services.gateway.pages.fields import Field, Options, Typed
from services.gateway.pages.html import Html, tag, together
from services.gateway.pages.known import Known
from services.gateway.pages.referring import CONSENTS, NEW, SERVICES, Plan, fields_of
from services.gateway.pages.room import room
from services.gateway.pages.suggesting import suggested
from services.gateway.pages.words import business_day, day, listed, local
from services.gateway.parts import Parts
from services.gateway.principal import Principal
from services.gateway.seeing import placed
from services.vault.names import Name

#: The taxonomy whose codes the form offers, unless the initiative has others alone.
TAXONOMY = "manyhands"


class Desk:
    """One person's work on one draft, for one request."""

    def __init__(self, parts: Parts, who: Principal, known: Known) -> None:
        self.parts = parts
        self.who = who
        self.known = known
        self._services: Options = ()
        self._offered: Mapping[str, Mapping[str, Any]] = {}
        self._consents: Options = ()
        #: Whom those who declined suggest, each with who did.
        self.suggested: Mapping[str, Sequence[str]] = {}
        #: What the reader knows the person by whose referral is offered again.
        self.called: str | None = None

    def lists(self, name: str) -> Options:
        """Return the options of a list: the services and consents that fit, or a codelist."""
        if name == SERVICES:
            return self._services
        return self._consents if name == CONSENTS else self.known.lists(name)

    def fields(self, draft: Draft) -> tuple[Field, ...]:
        """Return the fields of the step that the draft is at."""
        fresh = draft.typed.one("consent_id") == NEW
        return fields_of(draft.step, again=draft.referral is not None, rival=draft.rival, fresh=fresh)

    def settled(self, draft: Draft) -> Draft:
        """Return the draft with what most choose, where nothing was chosen yet."""
        if draft.step == "service" and not draft.typed.one("purpose"):
            policy = self.known.policy
            answer_by = business_day(self.known.now, self.known.zone, policy.respond_business_days, policy.holidays)
            chosen = [
                ("purpose", "referral"),
                ("respond_by", answer_by),
                ("data_classes", "need"),
                ("data_classes", "contact"),
            ]
            return draft.with_typed({name for name, _ in chosen}, Typed(chosen))
        if draft.step == "agreement" and self.only_new:
            return draft.with_typed(["consent_id"], Typed([("consent_id", NEW)]))
        return draft

    @property
    def only_new(self) -> bool:
        """Whether the person agreed to nothing yet that covers this."""
        return self._consents == _ONLY_NEW

    async def laid(self, draft: Draft) -> None:
        """Look up what can be chosen at the draft's step."""
        if draft.step == "service" and draft.referral is not None:
            self.suggested = await suggested(self.parts, self.who, draft.referral)
        if draft.step in ("service", "agreement", "preview"):
            await self._lay_services(draft)
        if draft.step in ("agreement", "preview"):
            await self._lay_consents(draft)

    async def _lay_services(self, draft: Draft) -> None:
        which = WhichServices(need=draft.typed.one("need") or None, area=draft.typed.one("area") or None)
        which.accepts_referrals = True
        found = await offered(self.parts, self.who, which)
        members = self.known.partners
        fitting = [each for each in found if each["partner"] != self.who.partner and members[each["partner"]].active]
        self._offered = {each["id"]: each for each in fitting}
        first = sorted(fitting, key=lambda each: each["partner"] not in self.suggested)
        self._services = [(each["id"], self._service(each)) for each in first]

    @property
    def unfit(self) -> list[str]:
        """The names of those who were suggested and offer nothing that fits."""
        passed_over = {each["partner"] for each in self._offered.values()} | {self.who.partner}
        return [self.known.partner(each) for each in self.suggested if each not in passed_over]

    def _service(self, service: Mapping[str, Any]) -> Html:
        name = tag("b", f"{self.known.partner(service['partner'])}: {service['name']}")
        by = [self.known.partner(each) for each in self.suggested.get(service["partner"], ())]
        said = [f"suggested by {listed(by)}"] if by else []
        said.append(room(service["capacity"], self.known))
        if service["eligibility"]:
            said.append(f"for: {service['eligibility']}")
        if service["protected"]:
            said.append("a protected programme: only a consent that names it carries somebody there")
        return together(name, *(part for text in said for part in ("; ", tag("br"), text)))

    async def _lay_consents(self, draft: Draft) -> None:
        sharing = await self.answers(replace(draft, step="service"))
        found: Sequence[Consent] = ()
        if not sharing.faults:
            ask = self._ask(sharing.values)
            found = await covering(self.parts, self.who, await self.person(draft), ask, self.known.now)
        named = naming(self.parts, self.who)
        self._consents = [*((named(each.id), self._consent(each)) for each in found), *_ONLY_NEW]

    def _ask(self, values: Mapping[str, Any]) -> Ask:
        service = self._offered[values["service_id"]]
        shared = tuple(values["data_classes"])
        programme = service["programme_class"], service["protected"]
        return Ask(service["partner"], values["purpose"], shared, *programme)

    def _consent(self, consent: Consent) -> str:
        zone = self.known.zone
        until = consent.expires_at or consent.guardian_until
        ends = f"until {local(until, zone)}" if until else "until they take it back"
        shared = listed([self.known.label("data-class", each).lower() for each in consent.data_classes])
        return f"What they agreed to, in force since {day(consent.valid_from, zone)} and {ends}: {shared}"

    async def person(self, draft: Draft) -> Person:
        """Return whom the draft is about.  Raises ProblemError while something about them is on its way."""
        if draft.referral is None:
            return await person(self.parts, self.who, draft.typed.one("own"))
        record = (await placed(self.parts, self.who, draft.referral)).record
        names = await self.parts.vault.names(self.who.initiative, self.who.partner or "", [record])
        name = names.get(record, Name(record))
        self.called = name.shown
        return await standing(self.parts, self.who, Person(name.alias, record))

    async def answers(self, draft: Draft, typed: Typed | None = None) -> Answers:
        """Return what stands in the fields of the draft's step, and what is wrong with it."""
        found = read(self.fields(draft), typed or draft.typed, self.lists)
        found.faults.update(self._further(found.values))
        return found

    def _further(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Return what is wrong with fields that are fine each by itself."""
        faults = {}
        by, most = values.get("respond_by"), self.known.policy.respond_days_at_most or RESPOND_DAYS
        last = (date.fromisoformat(self.known.today) + timedelta(days=most)).isoformat()
        if by is not None and not self.known.today <= by <= last:
            faults["respond_by"] = f"Answer by: a day from today to {last}, as the initiative allows {most} days"
        if values.get("subject_capacity") == "guardian" and "guardian_until" not in values:
            faults["guardian_until"] = "Until when the guardian decides: this is needed where a guardian agreed"
        for name in ("guardian_until", "expires_at"):
            if name in values and values[name] < self.known.today:
                faults[name] = "That day is over"
        return faults

    async def plan(self, draft: Draft) -> tuple[Plan | None, Step, dict[str, str]]:
        """Return the plan of a draft that is whole; else the first step that is not, and what is wrong there."""
        values: dict[str, Any] = {}
        for step in draft.steps[:-1]:
            found = await self.answers(replace(draft, step=step))
            if found.faults:
                return None, step, found.faults
            values |= found.values
        return await self._planned(draft, values), "preview", {}

    async def kept(self, draft: Draft) -> tuple[Plan | None, Step, dict[str, str]]:
        """Do as `plan` for as much as can be kept before it is sent: the need, and of the offer what is chosen."""
        need = await self.answers(replace(draft, step="need")) if draft.referral is None else Answers({}, {})
        if need.faults:
            return None, "need", need.faults
        await self.laid(replace(draft, step="service"))
        further = await self.answers(replace(draft, step="service"))
        if "details" in further.faults:
            return None, "service", {"details": further.faults["details"]}
        chosen = {name: further.values[name] for name in ("service_id", "details") if name in further.values}
        return await self._planned(draft, need.values | chosen), draft.step, {}

    async def _planned(self, draft: Draft, values: Mapping[str, Any]) -> Plan:
        service = self._offered.get(values.get("service_id", ""), _NOBODY)
        taxonomies = [code for code, _ in self.known.lists("taxonomy")]
        return Plan(
            submission=draft.submission,
            person=await self.person(draft),
            values=values,
            recipient=service["partner"],
            programme=service["programme_class"],
            protected=service["protected"],
            taxonomy=TAXONOMY if TAXONOMY in taxonomies else taxonomies[0],
            today=self.known.today,
            referral=draft.referral,
            replaces=draft.replaces,
            taken_up=draft.taken_up,
        )

    def reason(self, *wanted: str) -> str:
        """Return the first of these codes that the initiative has for throwing an offer away, else any."""
        codes = [code for code, _ in self.known.lists("recall-reason")]
        return next(each for each in (*wanted, *codes) if each in codes)


#: Stands where no service is chosen yet.
_NOBODY: Mapping[str, Any] = {"partner": "", "programme_class": "", "protected": False}
_ONLY_NEW: Options = [(NEW, "Something new, which I record now")]
