"""Two records of one person: the partner that knows both asks, and two registrars decide, who see neither."""

from collections.abc import Sequence

from services.ops.demo.scenes.backbone import Registrar
from services.ops.demo.scenes.block import Block, sure
from services.ops.demo.scenes.house import SENDER, House
from services.ops.demo.scenes.refusal import refusal

TITLE = "Two records of one person"
OWN, OTHER = "own:case-9", "own:case-10"
AGREED = "birch-council"


async def play(house: House, registrars: tuple[Registrar, Registrar]) -> Block:
    """Have two ids linked.  Raises DemoFailed."""
    sender, (first, second) = await house.desk(SENDER), registrars
    for own, name in ((OWN, "Ludmila Harrow, 555-0155"), (OTHER, "Mila Harrow, 555-0155")):
        await sender.know(own, name, [house.partner(AGREED)])
    asked = await sender.post(f"/v1/clients/{OWN}/links", {"other": OTHER})
    one = await first.approve(asked["request"])
    again = await refusal(first.approve(asked["request"]))
    two = await second.approve_by_page(asked["request"])
    known = (await sender.get(f"/v1/clients/{OTHER}/links"))["requests"]
    return told((one, again, two), [each["state"] for each in known])


def told(answers: tuple[str, str, str], known: Sequence[str]) -> Block:
    """Return how the two were answered, the first one twice, and what the partner sees of it.  Raises DemoFailed."""
    one, again, two = answers
    sure((one, two) == ("waiting", "Done"), TITLE, f"the two approvals left it {one} and {two}")
    sure(again == "403 second-person-required", TITLE, f"one person alone was answered {again or 'yes'}")
    sure(known == ["published"], TITLE, f"the partner sees {known} of what it asked")
    return Block(
        TITLE,
        (
            ("asked", f"{SENDER} knows somebody by two numbers and asks that they be one person's"),
            ("a registrar", f"approves by the request's id alone: {one}; once more: {again}"),
            ("a second one", f"approves on a page: {two}, under each of the two ids"),
            ("kept", "no record moves and nothing is merged, so it can be taken back in the same way"),
        ),
    )
