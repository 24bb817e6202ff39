"""Somebody without an account: a mail with a link, a code, and one offer answered from there."""

import re
from dataclasses import dataclass
from itertools import count

from services.ops.demo.scenes.block import Block, sure
from services.ops.demo.scenes.browser import Browser
from services.ops.demo.scenes.case import DETAILS, NOTE, Case
from services.ops.demo.scenes.desk import Desk
from services.ops.demo.scenes.house import House
from services.ops.demo.scenes.page import Page
from services.ops.errors import DemoFailed

TITLE = "An offer answered without an account"
HELPER, ADDRESS = "cedar-shelter", "desk@cedar-shelter.example"
CODE = re.compile(r"Your code is (\d{4} \d{4})")


@dataclass(frozen=True)
class Entered:
    """A page that a code opened, and how mails led there."""

    browser: Browser
    page: Page


async def enter(house: House, path: str, address: str) -> Entered:
    """Ask for a code behind the link, read the mail, and type it.  Raises DemoFailed."""
    browser = await house.browser()
    asking = await browser.press(await browser.open(path), path)
    code = CODE.search(await house.mails.take(address))
    sure(code, TITLE, "the mail held no code")
    return Entered(browser, await browser.press(asking, f"{path}/code", code=code[1] if code else ""))


async def play(house: House, case: Case) -> Block:
    """Have the offer of a bed mailed and answered.  Raises DemoFailed."""
    helper = await house.desk(HELPER)
    put = await helper.door.put("/v1/me/address", json={"email": ADDRESS})
    sure(put.is_success, TITLE, f"the address was answered {put.status_code}")
    case.bed = await case.sender.refer(case.own, helper.partner, NOTE)
    mail = await _mailed(house, helper, case)
    path = mail.partition(house.url)[2].split()[0]
    sure(path.startswith("/l/"), TITLE, "the mail held no link")

    scanner = await house.browser()
    for _ in range(3):
        await scanner.open(path)
    codes = sum(each["codes"] for each in (await helper.get("/v1/links"))["links"])
    stands = await case.sender.stands(case.asked, "sent")
    sure((codes, stands) == (0, "sent"), TITLE, f"looking changed something: {codes} codes, {stands}")

    came = await enter(house, path, ADDRESS)
    seen = await case.sender.stands(case.asked, "viewed")
    sure(seen == "viewed", TITLE, f"the sender heard {seen} of somebody who looked")
    facts = dict(zip(came.page.texts("dt"), came.page.texts("dd"), strict=True))
    shut = await came.browser.status("/offer/details")
    sure(shut == 403, TITLE, f"what was written opened before it was accepted ({shut})")
    await came.browser.press(await came.browser.open("/offer/offer-accepted"), "/offer/offer-accepted")
    heard = await case.sender.stands(case.asked, "accepted")
    sure(heard == "accepted", TITLE, f"the sender heard {heard}")
    written = [each for each in (await came.browser.open("/offer/details")).texts("p") if each in (DETAILS, NOTE)]
    sure(sorted(written) == sorted((DETAILS, NOTE)), TITLE, "what was written did not open after it was accepted")
    told = await came.browser.open("/offer/outcome-recorded")
    await came.browser.press(told, "/offer/outcome-recorded", outcome="delivered", output="service")
    ended = await case.sender.stands(case.asked, "served")
    sure(ended == "served", TITLE, f"the sender heard {ended}")
    return Block(
        TITLE,
        (
            ("mail", f"to {ADDRESS}: “{' '.join(mail.split())[:60]} …”"),
            ("GET, three times", "changes nothing, sends no code: mail scanners open every link"),
            ("POST", "a code, by mail to the same address; typed in, it opens this one offer"),
            ("there", "; ".join(f"{name}: {text}" for name, text in list(facts.items())[2:5])),
            ("before accepting", "what was written about the person stays shut (403)"),
            ("after", f"it opens for {HELPER}: {' '.join(written)}"),
            ("the sender", f"{case.sender.partner.id}'s board said {stands}, {seen}, {heard} and then {ended}"),
        ),
        readable=(DETAILS, NOTE),
    )


async def _mailed(house: House, helper: Desk, case: Case) -> str:
    """Return the mail about the bed, passing over those about other offers that reached the helper just before."""
    for number in count():
        # One that only tells of an end carries no link.
        mail = await house.mails.take(ADDRESS, holding=f"{house.url}/l/")
        links = [each for each in (await helper.get("/v1/links"))["links"] if each["made_by"] is None]
        # A mail goes out once its link is on record, and they go one after the other.
        if links[-1 - number]["referral"] == case.asked.referral:
            return mail
    raise DemoFailed(f"{TITLE}: no mail is about it")
