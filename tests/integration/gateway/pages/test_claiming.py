"""Staff of a class find what it was asked, take it on from its page, and see it no more when others did."""

import pytest

from services.gateway.agreed import Person
from services.gateway.pages.staff import WORK
from services.gateway.parts import Parts
from tests.support import classes, doors
from tests.support.admitting import CLINIC, SHELTER
from tests.support.classes import KITCHEN, LARDER, PANTRY
from tests.support.events import INITIATIVE
from tests.support.reading import NAME
from tests.support.surfing import Page, Surfer, held

TAKE = "Take the person on"
SERVICE = "By which of your services"


async def _asked(parts: Parts, own: str) -> str:
    async with doors.partner(parts, CLINIC) as door:
        await classes.agreed(door, own)
        return await classes.opened(door, own)


async def _held(who: Surfer) -> dict[str, int]:
    return held(await who.open(WORK))


async def test_one_of_a_class_takes_it_on_from_its_page(
    parts: Parts, staff: dict[str, Surfer], shelter: Surfer, clinic: Surfer
) -> None:
    referral = await _asked(parts, "1")
    seen = {name: await _held(who) for name, who in {**staff, SHELTER: shelter, CLINIC: clinic}.items()}
    assert seen == {
        PANTRY: {"answer": 1},
        KITCHEN: {"answer": 1},
        LARDER: {},
        SHELTER: {},
        CLINIC: {"waiting": 1},
    }
    pantry, kitchen = staff[PANTRY], staff[KITCHEN]
    work = await pantry.open(WORK)
    [row] = work.table()
    assert (row["Person"], row["With"]) == ("told once you take it on", "to any: food bank or pantry")
    page = await pantry.open(work.link_in_table())
    told = page.terms()
    assert (told["Need"], told["Where"], told["From"]) == ("A bed for tonight", "North", "told once you take it on")
    assert "Clinic" not in page.text
    assert "It is sealed, and opens for whoever takes the person on." in page.text
    late = await kitchen.open((await kitchen.open(page.path)).link(TAKE))

    form = await pantry.open(page.link(TAKE))
    missing = await pantry.press(form, TAKE)
    assert (missing.status, list(missing.wrong())) == (422, ["f-service_id"])
    mine = await pantry.press(missing, TAKE, {SERVICE: "Meals of the pantry"})
    assert mine.path == f"/referrals/{referral}"
    assert (mine.terms()["From"], "Accepted, not begun yet" in mine.text) == ("Clinic", True)
    assert NAME in (await pantry.press(mine, "Open what was written")).text
    assert [await _held(each) for each in (pantry, kitchen)] == [{"taken": 1}, {}]
    assert await _statuses(kitchen, late) == [404, 404]


async def _statuses(who: Surfer, form: Page) -> list[int]:
    """Look again, and press the button of a form that was shown before."""
    place = form.path.rpartition("/")[0]
    return [(await who.open(place)).status, (await who.press(form, TAKE, {SERVICE: "Meals of the kitchen"})).status]


async def test_whoever_could_claim_it_is_not_shown_what_the_person_agreed_to(
    parts: Parts, staff: dict[str, Surfer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would tell whose need it is, also where it serves them: to this it may not be tied."""
    referral = await _asked(parts, "1")
    [record] = (await parts.vault.find(INITIATIVE, CLINIC, ["own:1"])).values()
    await parts.vault.aliases(INITIATIVE, PANTRY, [record], grant=True)
    monkeypatch.setattr(Person, "served_by", lambda *_: True)
    for path in ("agreed", "agreed/all"):
        assert (await staff[PANTRY].open(f"/referrals/{referral}/{path}")).status == 404
    assert "agreed to" not in (await staff[PANTRY].open(f"/referrals/{referral}")).text
