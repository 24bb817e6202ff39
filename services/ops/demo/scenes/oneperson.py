"""Two records of one person: the partner that knows both asks, and two registrars decide, who see neither."""

from services.ops.demo.scenes.backbone import Registrar
from services.ops.demo.scenes.block import Block, sure
from services.ops.demo.scenes.desk import Told
from services.ops.demo.scenes.house import SENDER, House

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
    again = await _alone(first, asked["request"])
    two = await second.approve(asked["request"])
    sure((one, two) == ("waiting", "published"), TITLE, f"the two approvals left it {one} and {two}")
    told = (await sender.get(f"/v1/clients/{OTHER}/links"))["requests"]
    sure([each["state"] for each in told] == ["published"], TITLE, "the partner does not see what became of it")
    return Block(
        TITLE,
        (
            ("asked", f"{SENDER} knows somebody by two numbers and asks that they be one person's"),
            ("a registrar", f"approves by the request's id alone: {one}; once more: {again}"),
            ("a second one", f"approves: {two}, under each of the two ids"),
            ("kept", "no record moves and nothing is merged, so it can be taken back in the same way"),
        ),
    )


async def _alone(registrar: Registrar, request: str) -> str:
    """Return how somebody is answered who approves twice."""
    try:
        told = await registrar.approve(request)
    except Told as refused:
        sure(refused.code == "second-person-required", TITLE, f"one person was answered {refused}")
        return str(refused)
    sure(False, TITLE, f"one person alone left it {told}")
    return told
