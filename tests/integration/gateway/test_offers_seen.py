"""Which offers of the account each partner is told of, and what it is not told of them."""

import httpx
import pytest

from projections.sql import statement
from services.disclosure import offers
from services.gateway.parts import Parts
from tests.support import classes, doors
from tests.support.accounts import CLAIMED, SENT, account, alias, consent_of
from tests.support.admitting import CLINIC, NEWCOMER, SHELTER, consent, offer, said
from tests.support.classes import CLASS, KITCHEN, PANTRY
from tests.support.events import INITIATIVE, ident
from tests.support.reading import ROOMS, agreed, answered, asked, referred, sent, tell


async def test_recipient_is_told_of_no_consent_before_it_accepts(
    counted: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    """Two offers under one would say that they are for one person; the sender, who knows, is told of it."""
    await agreed(clinic, "1")
    referral = await referred(clinic, "1")
    name = await alias(counted, SHELTER)
    assert [each["consent"] for each in await account(shelter, name)] == [None]
    assert [each["consent"] for each in await account(clinic)] == [consent_of(counted, CLINIC)]
    await tell(shelter, answered("offer_accepted", "1", referral))
    assert [each["consent"] for each in await account(shelter, name)] == [consent_of(counted, SHELTER)]


async def test_who_acted_is_told_to_their_own_partner_alone(
    counted: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient
) -> None:
    await agreed(clinic, "1")
    await asked(clinic, "1")
    async with doors.partner(counted, CLINIC, ident("nurse")) as nurse:
        await tell(nurse, sent("1"))
    assert [each["actor"] for each in await account(clinic)] == [ident("nurse")]
    assert [each["actor"] for each in await account(shelter, await alias(counted, SHELTER))] == [None]


async def test_protected_offer_is_named_to_its_two_and_another_s_is_not_told(
    counted: Parts, clinic: httpx.AsyncClient, shelter: httpx.AsyncClient, newcomer: httpx.AsyncClient
) -> None:
    """The clinic sends somebody to the shelter's protected beds; the shelter refers them on, which is its own."""
    named = {"recipients": {"partners": [SHELTER, NEWCOMER]}}
    await agreed(clinic, "1", programme_classes=["general"], **named)
    await tell(clinic, consent("g p", "own:1", consent_id="own:p", programme_classes=["substance-use"], **named))
    referral = await asked(clinic, "1")
    await tell(clinic, sent("1", service_id=ident("beds"), consent_id="own:p"))
    await tell(shelter, answered("offer_accepted", "1", referral))
    name = await alias(counted, SHELTER)
    need = {"need": {"taxonomy": "manyhands", "code": "shelter"}, "urgency": "soon"}
    theirs = (await tell(shelter, said("referral.requested", "theirs", need, subject="own:theirs", client=name)))[
        "subject"
    ]
    general = counted.admission.naming.own(INITIATIVE, CLINIC, "consent", "1")
    await tell(shelter, offer("on", theirs, recipient=NEWCOMER, service_id=ROOMS, consent_id=general))
    assert [each["recipient_name"] for each in await account(clinic)] == ["Shelter"]
    told = await account(shelter, name)
    assert [(each["recipient"], each["sent_by"]) for each in told] == [(NEWCOMER, SHELTER), (SHELTER, CLINIC)]
    assert [each["sent_by"] for each in await account(newcomer, await alias(counted, NEWCOMER))] == [SHELTER]


async def test_class_is_told_as_one_that_learns_not_whose_need_it_is_and_its_claimer_by_name(
    counted: Parts, clinic: httpx.AsyncClient
) -> None:
    await classes.prepared(counted.admission)
    await classes.agreed(clinic, "1")
    referral = await classes.opened(clinic, "1")
    [asked_of] = await account(clinic)
    assert (asked_of["kind"], asked_of["recipient"], asked_of["to_class"]) == (SENT, None, CLASS)
    assert asked_of["recipient_name"] == "whoever of the class could claim it: Food bank or pantry"
    assert asked_of["fields"] == ["need", "urgency", "area"]
    async with doors.partner(counted, PANTRY) as pantry, doors.partner(counted, KITCHEN) as kitchen:
        names = {each: await alias(counted, each) for each in (PANTRY, KITCHEN)}
        # Each has a name for somebody; that it is they whom the class was asked for is nobody's to learn.
        assert await account(pantry, names[PANTRY]) == await account(kitchen, names[KITCHEN]) == []
        await tell(pantry, classes.claim(PANTRY, "1", referral))
        claimed, before = await account(clinic)
        assert before == asked_of
        assert (claimed["kind"], claimed["recipient"], claimed["fields"]) == (CLAIMED, PANTRY, ["contact"])
        assert claimed["description"].startswith("Handed over when it claimed an offer: Name and how")
        theirs = {"own": True, "consent": consent_of(counted, PANTRY)}
        assert await account(pantry, names[PANTRY]) == [claimed | theirs]
        assert await account(kitchen, names[KITCHEN]) == []


async def test_without_looking_whose_an_offer_is_a_class_would_be_told_whose_need_it_is(
    counted: Parts, clinic: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: it is by who sent and who was sent an offer that the others are not told of it."""
    await classes.prepared(counted.admission)
    await classes.agreed(clinic, "1")
    await classes.opened(clinic, "1")
    monkeypatch.setattr(offers, "statement", lambda *named: statement(*named).replace("r.sender = $6", "true"))
    async with doors.partner(counted, KITCHEN) as kitchen:
        assert [each["to_class"] for each in await account(kitchen, await alias(counted, KITCHEN))] == [CLASS]
