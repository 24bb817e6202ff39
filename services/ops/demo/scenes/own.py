"""A client's own page: what is shared with whom, what became of it, and the client's own answer."""

from services.gateway.links import telling
from services.ops.demo.scenes.block import Block, sure
from services.ops.demo.scenes.case import Case
from services.ops.demo.scenes.house import House
from services.ops.demo.scenes.link import enter

TITLE = "A client's own page"
ADDRESS = "client@home.example"


async def play(house: House, case: Case) -> Block:
    """Give the client a link, open it, and answer whether the need was met.  Raises DemoFailed."""
    await case.sender.answer(case.asked, "client_asked", channel="phone")
    made = await case.sender.post("/v1/links", {"kind": "client", "client": case.own, "email": ADDRESS})
    came = await enter(house, made["url"].removeprefix(house.url), ADDRESS)
    case.page = came.browser
    facts = dict(zip(came.page.texts("dt"), came.page.texts("dd"), strict=False))
    names = {each.name for each in house.partners}
    people = [each for each in came.page.texts("li") if each in names]
    sure(people, TITLE, "it does not say with whom anything is shared")
    place = f"/own/d/{case.asked.referral}/{case.asked.offer}"
    sure(place in came.page.places, TITLE, "it does not ask what came of the bed")
    await came.browser.press(await came.browser.open(place), place, need_met="yes")
    after = await came.browser.open_until("/own", "the details that were written down")
    sure("You said: Yes" in after.texts("p"), TITLE, "it does not show the answer")
    whole = await case.sender.get(f"/v1/referrals/{case.asked.referral}")
    met, relayed = whole["offers"][0]["need_met"], whole["offers"][0]["relayed"]
    sure((met, relayed) == ("yes", False), TITLE, f"the sender reads {met}, relayed {relayed}")
    looks = _looks(after.texts("h2", "p"))
    sure(len(looks) > 1, TITLE, "it does not tell who looked")
    return Block(
        TITLE,
        (
            ("shared", f"{facts['What']}; for: {facts['What for']}; with: {', '.join(people)}"),
            ("who looked", ": ".join(looks[:2])),
            ("answered", f"“{after.texts('h1')[0]}” asks whether it helped: yes, and no staff stood between"),
            ("no name", "neither the page nor its mails say whose it is"),
        ),
    )


def _looks(texts: list[str]) -> list[str]:
    """Return what stands under its heading."""
    return texts[texts.index(telling.TITLE) + 1 :] if telling.TITLE in texts else []
