"""Asking all of a class from the pages: whom the person is told of is asked, and whoever is first helps."""

from collections.abc import Mapping

import pytest

from services.admission.caller import Partner
from services.gateway.parts import Parts
from tests.integration.gateway.pages.test_claiming import SERVICE, TAKE
from tests.integration.gateway.pages.test_refer import cases, refused
from tests.integration.gateway.pages.test_unsent import KEEP, going_on
from tests.support.admitting import codes, registrar, said
from tests.support.classes import CLASS, KITCHEN, LARDER, PANTRY, service
from tests.support.events import INITIATIVE
from tests.support.staffing import AGREED, NEED, ON, SEND
from tests.support.surfing import Page, Surfer, held

FOOD: Mapping[str, str | bool] = {**NEED, "What is needed": "Food"}
ANY = (
    "Whoever of these takes the person on first (food bank or pantry); "
    "Kitchen: Meals of the kitchen; room: nobody said; Larder: Meals of the larder; room: nobody said; "
    "Pantry: Meals of the pantry; room: nobody said"
)
NAMES = ("Kitchen", "Larder", "Pantry")


async def asked(who: Surfer, agreed: Mapping[str, str | bool] = AGREED) -> Page:
    """Go through the steps of a new referral to a class until it can be looked at."""
    page = await who.press(await who.open("/refer"), ON, FOOD)
    page = await who.press(page, ON, {ANY: True})
    return await who.press(page, ON, agreed)


async def test_class_is_asked_and_its_first_takes_the_person_on(
    clinic: Surfer, staff: dict[str, Surfer], parts: Parts
) -> None:
    page = await asked(clinic, {**AGREED, "Larder": False})
    told = page.terms()
    assert told["Goes to"] == "Kitchen and Pantry: whoever takes the person on first"
    assert told["They are told at once"] == "Food, North, soon; neither who it is nor who asks"
    assert told["Whoever is first can read once they accept"] == "what you wrote (33 characters)"
    assert await cases(parts) == []
    mine = await clinic.press(page, SEND)
    assert "It is the turn of any: food bank or pantry, by" in mine.text
    _, granted, _, sent = await cases(parts)
    assert granted["data"]["recipients"] == {"classes": [CLASS]}
    assert granted["data"]["except_recipients"] == [LARDER]
    assert granted["data"]["programme_classes"] == ["general"]
    assert (sent["data"]["to_class"], sent["data"].get("recipient")) == (CLASS, None)
    assert {name: held(await who.open("/work")) for name, who in staff.items()} == {
        PANTRY: {"answer": 1},
        KITCHEN: {"answer": 1},
        LARDER: {},
    }
    form = await staff[KITCHEN].open((await staff[KITCHEN].open(mine.path)).link(TAKE))
    await staff[KITCHEN].press(form, TAKE, {SERVICE: "Meals of the kitchen"})
    assert "Accepted, not begun yet" in (await clinic.open(mine.path)).text
    assert await refused(parts) == []


@pytest.mark.usefixtures("staff")
async def test_person_is_told_of_every_member_by_name(clinic: Surfer, parts: Parts) -> None:
    """Those who offer nothing that fits are named too, and left out unless somebody ticks them."""
    changed = said("partner.service_changed", "c", {"service_id": service(LARDER), "needs": ["clothing"]})
    assert codes(await parts.admission.admit(Partner(INITIATIVE, LARDER), [changed])) == [None]
    page = await clinic.press(await clinic.open("/refer"), ON, FOOD)
    page = await clinic.press(page, ON, {ANY.replace("Larder: Meals of the larder; room: nobody said; ", ""): True})
    unfit = "Larder; offers nothing that is said to fit"
    assert {name: page.control(name).has("checked") for name in ("Kitchen", unfit, "Pantry")} == {
        "Kitchen": True,
        unfit: False,
        "Pantry": True,
    }
    nobody = await clinic.press(page, ON, {**AGREED, "Kitchen": False, "Pantry": False})
    assert nobody.wrong() == {"f-members": "Who of them is asked: choose at least one"}
    page = await clinic.press(nobody, ON, {unfit: True, "Pantry": True})
    assert page.terms()["Goes to"] == "Pantry and Larder: whoever takes the person on first"


@pytest.mark.usefixtures("staff")
async def test_whoever_joins_after_the_person_was_told_is_not_asked(clinic: Surfer, parts: Parts) -> None:
    page = await asked(clinic)
    profile = {"name": "Cellar", "sector": "food", "reporting": "client-level", "classes": [CLASS]}
    assert codes(await parts.admission.admit(registrar, [said("partner.joined", "j", profile, subject="cellar")])) == [
        None
    ]
    await clinic.press(page, SEND)
    _, granted, _, sent = await cases(parts)
    assert granted["data"]["except_recipients"] == ["cellar"]
    assert "cellar" in sent["data"]["admitted"]["class_members"]


@pytest.mark.usefixtures("staff")
async def test_whom_the_person_left_out_stays_out_when_another_leaves(clinic: Surfer, parts: Parts) -> None:
    page = await asked(clinic, {**AGREED, "Larder": False})
    gone = said("partner.suspended", "gone", {}, subject=PANTRY)
    assert codes(await parts.admission.admit(registrar, [gone])) == [None]
    page = await clinic.press(page, "Back")
    assert {name: page.control(name).has("checked") for name in ("Kitchen", "Larder")} == {
        "Kitchen": True,
        "Larder": False,
    }
    page = await clinic.press(page, ON)
    assert page.terms()["Goes to"] == "Kitchen: whoever takes the person on first"
    await clinic.press(page, SEND)
    _, granted, _, _ = await cases(parts)
    assert granted["data"]["except_recipients"] == [LARDER]
    assert await refused(parts) == []


async def test_consent_for_the_class_is_used_again_and_says_whom_it_reaches(
    clinic: Surfer, staff: dict[str, Surfer], parts: Parts
) -> None:
    first = await clinic.press(await asked(clinic, {**AGREED, "Larder": False}), SEND)
    page = await clinic.press(await clinic.open("/refer"), ON, FOOD)
    page = await clinic.press(page, ON, {ANY: True})
    [known] = [each.text for each in page.root.all("label") if each.text.startswith("What they agreed to")]
    assert known.endswith("what is needed; it reaches Kitchen and Pantry")
    page = await clinic.press(page, ON, {known: True})
    # The same need of the same person stands open with the class already.
    assert list(page.wrong()) == ["f-duplicate_reason"]
    own = await clinic.open(first.path)
    await clinic.press(await clinic.open(own.link("Take it back")), "Take it back", {"Why": "Another reason"})
    page = await clinic.open((await clinic.open(first.path)).link("Offer it to somebody else"))
    page = await clinic.press(page, ON, {ANY: True})
    page = await clinic.press(page, ON, {known: True})
    assert page.terms()["Goes to"] == "Kitchen and Pantry: whoever takes the person on first"
    await clinic.press(page, SEND)
    assert [held(await staff[name].open("/work")) for name in (PANTRY, LARDER)] == [{"answer": 1}, {}]
    assert await refused(parts) == []


@pytest.mark.usefixtures("staff")
async def test_class_with_a_protected_programme_cannot_be_asked(clinic: Surfer, parts: Parts) -> None:
    usual = {"needs": ["mental-health"], "accepts_referrals": False, "programme_class": "substance-use"}
    data = {"service_id": "own:hidden", "name": "Talks", **usual}
    assert codes(
        await parts.admission.admit(Partner(INITIATIVE, LARDER), [said("partner.service_published", "s", data)])
    ) == [None]
    page = await clinic.press(await clinic.open("/refer"), ON, FOOD)
    assert "takes the person on first" not in page.text
    assert {name: name in page.text for name in NAMES} == dict.fromkeys(NAMES, True)


@pytest.mark.usefixtures("staff")
async def test_draft_for_a_class_is_gone_on_with(clinic: Surfer, parts: Parts) -> None:
    page = await clinic.press(await clinic.open("/refer"), ON, FOOD)
    page = await clinic.press(await clinic.press(page, "Back", {ANY: True}), KEEP)
    assert "For any: food bank or pantry" in page.text
    step = await clinic.open(going_on(page))
    assert step.control(ANY).has("checked")
    step = await clinic.press(await clinic.press(step, ON), ON, AGREED)
    assert step.terms()["Goes to"] == "Kitchen, Larder and Pantry: whoever takes the person on first"
    await clinic.press(step, SEND)
    assert await refused(parts) == []
