"""Where a referral is put together: who can be asked, what the person agreed to, and what comes of both."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from projections.referral.consent import Ask
from projections.referral.state import Consent
from services.gateway.agreed import Person, covering, person, standing
from services.gateway.directory import offered
from services.gateway.naming import naming
from services.gateway.offered import WhichServices
from services.gateway.pages import options
from services.gateway.pages.asking import Answers, read
from services.gateway.pages.drafting import Draft, Step
from services.gateway.pages.fields import Field, Options, Typed
from services.gateway.pages.known import Known
from services.gateway.pages.referring import CONSENTS, MEMBERS, NEW, SERVICES, Plan, fields_of
from services.gateway.pages.suggesting import suggested
from services.gateway.pages.whom import Several, Whom, first_of, one, several
from services.gateway.pages.words import business_day
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
        self._several: Mapping[str, Several] = {}
        self._consents: Options = ()
        self._members: Options = ()
        #: Of each consent, whom of the class it reaches.
        self._reached: Mapping[str, Sequence[str]] = {}
        #: Whom those who declined suggest, each with who did.
        self.suggested: Mapping[str, Sequence[str]] = {}
        #: What the reader knows the person by whose referral is offered again.
        self.called: str | None = None

    def lists(self, name: str) -> Options:
        """Return the options of a list: the services, consents and members that fit, or a codelist."""
        laid = {SERVICES: self._services, CONSENTS: self._consents, MEMBERS: self._members}
        return laid[name] if name in laid else self.known.lists(name)

    def fields(self, draft: Draft) -> tuple[Field, ...]:
        """Return the fields of the step that the draft is at."""
        fresh, several = draft.typed.one("consent_id") == NEW, self.asked(draft) is not None
        return fields_of(draft.step, again=draft.referral is not None, rival=draft.rival, fresh=fresh, several=several)

    def asked(self, draft: Draft) -> Several | None:
        """Return the class that was chosen, where one was."""
        return self._several.get(draft.typed.one("service_id"))

    def settled(self, draft: Draft) -> Draft:
        """Return the draft with what most choose, where nothing was chosen yet."""
        if draft.step == "service" and not draft.typed.one("purpose"):
            policy = self.known.policy
            expected = business_day(self.known.now, self.known.zone, policy.respond_business_days, policy.holidays)
            answer_by = min(expected, self.last_day)
            chosen = [
                ("purpose", "referral"),
                ("respond_by", answer_by),
                ("data_classes", "need"),
                ("data_classes", "contact"),
            ]
            return draft.with_typed({name for name, _ in chosen}, Typed(chosen))
        if draft.step != "agreement":
            return draft
        if self.only_new:
            draft = draft.with_typed(["consent_id"], Typed([("consent_id", NEW)]))
        return self._with_members(draft)

    def _with_members(self, draft: Draft) -> Draft:
        """Return the draft with those of a class who offer what is needed, where nobody of it was chosen yet.

        Where one who was chosen cannot be asked any more the others stay, and nobody who was left out comes back.
        """
        asked = self.asked(draft)
        if asked is None:
            return draft
        chosen = [each for each in draft.typed.all("members") if each in asked.members]
        return draft.with_typed(["members"], Typed(("members", each) for each in chosen or asked.fitting))

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
        standing = self.parts.admission.standing(self.who.initiative)
        self._several = {each.choice: each for each in several(standing, fitting, self.who.partner or "")}
        first = sorted(fitting, key=lambda each: each["partner"] not in self.suggested)
        by = {each["partner"]: options.suggesting(each["partner"], self.suggested, self.known) for each in first}
        self._services = [options.service(each, self.known, by[each["partner"]]) for each in first]
        self._services += [options.class_(each, self.known) for each in self._several.values()]
        asked = self.asked(draft)
        self._members = options.members(asked, self.known) if asked else ()

    @property
    def unfit(self) -> list[str]:
        """The names of those who were suggested and offer nothing that fits."""
        passed_over = {each["partner"] for each in self._offered.values()} | {self.who.partner}
        return [self.known.partner(each) for each in self.suggested if each not in passed_over]

    async def _lay_consents(self, draft: Draft) -> None:
        sharing, asked = await self.answers(replace(draft, step="service")), self.asked(draft)
        found: Sequence[Consent] = ()
        asks = () if sharing.faults else self._asks(asked, sharing.values)
        if asks:
            found = await covering(self.parts, self.who, await self.person(draft), asks, self.known.now)
        named = naming(self.parts, self.who)
        self._reached = {named(each.id): asked.reached(each, asks) if asked else [] for each in found}
        said = [(named(each.id), each) for each in found]
        self._consents = [(name, options.consent(each, self.known, self._reached[name])) for name, each in said]
        self._consents += _ONLY_NEW

    def _asks(self, asked: Several | None, values: Mapping[str, Any]) -> Sequence[Ask]:
        purpose, shared = values["purpose"], tuple(values["data_classes"])
        if asked is not None:
            return asked.asks(purpose, shared)
        service = self._offered[values["service_id"]]
        return [Ask(service["partner"], purpose, shared, service["programme_class"], service["protected"])]

    async def person(self, draft: Draft) -> Person:
        """Return whom the draft is about.  Raises ProblemError while something about them is on its way."""
        if draft.referral is None:
            return await person(self.parts, self.who, draft.typed.one("own"))
        record = (await placed(self.parts, self.who, draft.referral)).record
        names = await self.parts.vault.names(self.who.initiative, self.who.partner or "", [record])
        name = names.get(record, Name(record))
        self.called = name.shown
        return await standing(self.parts, self.who, Person(name.alias, record))

    @property
    def last_day(self) -> str:
        """By which an answer may be asked for at the latest."""
        return (
            date.fromisoformat(self.known.today) + timedelta(days=self.known.policy.respond_days_at_most)
        ).isoformat()

    async def answers(self, draft: Draft, typed: Typed | None = None) -> Answers:
        """Return what stands in the fields of the draft's step, and what is wrong with it."""
        found = read(self.fields(draft), typed or draft.typed, self.lists)
        found.faults.update(self._further(found.values))
        return found

    def _further(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Return what is wrong with fields that are fine each by itself."""
        faults = {}
        by, most, last = values.get("respond_by"), self.known.policy.respond_days_at_most, self.last_day
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
        taxonomies = [code for code, _ in self.known.lists("taxonomy")]
        return Plan(
            submission=draft.submission,
            person=await self.person(draft),
            values=values,
            whom=self._whom(draft, values),
            taxonomy=TAXONOMY if TAXONOMY in taxonomies else taxonomies[0],
            today=self.known.today,
            referral=draft.referral,
            replaces=draft.replaces,
            taken_up=draft.taken_up,
        )

    def _whom(self, draft: Draft, values: Mapping[str, Any]) -> Whom:
        asked, service = self.asked(draft), self._offered.get(values.get("service_id", ""))
        if asked is not None and "service_id" in values:
            members = self._reached.get(values.get("consent_id", ""), values.get("members", ()))
            return first_of(asked, members, draft.typed.one("need"))
        return Whom() if service is None else one(service)

    def reason(self, *wanted: str) -> str:
        """Return the first of these codes that the initiative has for throwing an offer away, else any."""
        codes = [code for code, _ in self.known.lists("recall-reason")]
        return next(each for each in (*wanted, *codes) if each in codes)


_ONLY_NEW: Options = [(NEW, "Something new, which I record now")]
