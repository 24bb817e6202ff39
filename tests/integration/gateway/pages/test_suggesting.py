"""Whom somebody who declines suggests stands first where it is offered to somebody else."""

import pytest

from services.gateway.pages import desk
from services.gateway.pages.suggesting import suggested
from services.gateway.parts import Parts
from services.gateway.principal import Kind, Principal
from tests.support.admitting import BACKBONE, CLINIC, NEWCOMER, SHELTER
from tests.support.events import INITIATIVE
from tests.support.staffing import BEDS, MEALS, ROOMS, referred
from tests.support.surfing import Page, Surfer


@pytest.fixture
async def declined(clinic: Surfer, newcomer: Surfer) -> str:
    """Where a referral stands that the newcomer declined, suggesting the shelter and the backbone."""
    page = await newcomer.open((await referred(clinic, service=ROOMS)).path)
    said: dict[str, str | bool] = {"Why": "No room at present", "Shelter": True, "Riverbend Together": True}
    await newcomer.press(await newcomer.open(page.link("Decline")), "Decline", said)
    return page.path.partition("?")[0]


def _services(page: Page) -> list[str]:
    """Return the services that can be chosen, in the order in which they stand."""
    [asked] = [each for each in page.root.all("fieldset") if each.text.startswith("Which service")]
    return [each.text for each in asked.all("label")]


async def test_suggested_partners_stand_first_with_who_suggested_them(clinic: Surfer, declined: str) -> None:
    page = await clinic.open((await clinic.open(declined)).link("Offer it to somebody else"))
    by = "; suggested by Newcomer; room"
    assert _services(page) == [MEALS.replace("; room", by), BEDS.replace("; room", by), ROOMS]
    assert "Suggested too, and offering nothing that fits: Riverbend Together." in page.text


async def test_without_what_was_said_the_order_is_the_usual(
    clinic: Surfer, declined: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nobody(*_: object) -> dict[str, list[str]]:
        return {}

    monkeypatch.setattr(desk, "suggested", nobody)
    page = await clinic.open((await clinic.open(declined)).link("Offer it to somebody else"))
    assert _services(page) == [ROOMS, MEALS, BEDS]
    assert "Suggested" not in page.text


async def test_history_says_why_and_whom_they_suggest(clinic: Surfer, newcomer: Surfer, declined: str) -> None:
    for reader in (clinic, newcomer):
        row = (await reader.open(declined)).table()[-1]
        told = "Why: No room at present. Might help instead: Riverbend Together and Shelter."
        assert (row["What"], row["They said"], row["Who"]) == ("Declined", told, "Newcomer")


async def test_nobody_but_the_sender_is_told_of_suggestions(declined: str, parts: Parts) -> None:
    referral = declined.rpartition("/")[2]
    told = {
        partner: await suggested(parts, Principal(Kind.STAFF, INITIATIVE, partner), referral)
        for partner in (CLINIC, NEWCOMER, SHELTER)
    }
    assert told == {CLINIC: {SHELTER: [NEWCOMER], BACKBONE: [NEWCOMER]}, NEWCOMER: {}, SHELTER: {}}
