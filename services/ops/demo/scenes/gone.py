"""A partner leaves that had asked others: what nobody answered is withdrawn, and what was taken on goes on."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from services.ops.demo.scenes.backbone import Registrar
from services.ops.demo.scenes.block import Block, sure
from services.ops.demo.scenes.desk import Offered
from services.ops.demo.scenes.feed import heard
from services.ops.demo.scenes.house import House
from services.ops.demo.scenes.refusal import refusal

TITLE = "The partner that asked leaves"
LEAVES, SUCCESSOR, OWN = "cedar-school", "birch-school", "own:pupil-4"
SILENT, TAKES = "cedar-employment", "cedar-clinic"


class Waits(NamedTuple):
    """What nobody had answered, and what somebody had taken on."""

    silent: Offered
    taken: Offered


class Found(NamedTuple):
    """What became of both, as those read who were asked: what the one heard, and what the successor is answered."""

    silent: Mapping[str, Any]
    heard: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    successor: str


async def begun(house: House, registrar: Registrar) -> Waits:
    """Have it ask two partners, of whom one accepts, and leave: the timekeeper looks every few seconds."""
    leaves, takes = await house.desk(LEAVES), await house.desk(TAKES)
    silent = house.partner(SILENT)
    await leaves.know(OWN, "Hedda Okonjo, 555-0157", [silent, takes.partner])
    waits = Waits(
        await leaves.refer(OWN, silent, "Looks for a first job."),
        await leaves.refer(OWN, takes.partner, "Needs new glasses."),
    )
    await takes.answer(waits.taken, "offer_accepted")
    await registrar.say("partner.left", LEAVES)
    await registrar.say("partner.succeeded_by", LEAVES, successor=SUCCESSOR)
    return waits


async def play(house: House, waits: Waits) -> Block:
    """Show what became of the one, and have the other served.  Raises DemoFailed."""
    silent, takes = await house.desk(SILENT), await house.desk(TAKES)
    await silent.stands(waits.silent, "sender-left")
    place = f"/v1/referrals/{waits.taken.referral}"
    before = await takes.get(place)
    await takes.answer(waits.taken, "outcome_recorded", outcome="delivered", outputs=[{"kind": "goods"}])
    return told(
        Found(
            await silent.get(f"/v1/referrals/{waits.silent.referral}"),
            await heard(silent, waits.silent, "offer-recalled"),
            before,
            await takes.get(place),
            await refusal((await house.desk(SUCCESSOR)).get(place)),
        )
    )


def told(found: Found) -> Block:
    """Return how both stand.  Raises DemoFailed when the one goes on, the other does not, or the successor reads."""
    stands = (found.silent["detail"], found.silent["reason"])
    sure(stands == ("sender-left", "sender-left"), TITLE, f"what nobody answered stands as {stands}")
    sure(found.heard == "offer-recalled", TITLE, f"{SILENT} heard {found.heard or 'nothing'}")
    went = (found.before["detail"], found.after["detail"])
    sure(went == ("accepted", "served"), TITLE, f"what was taken on stood as {went}")
    sure(found.successor.startswith("404"), TITLE, f"{SUCCESSOR} was answered {found.successor or 'with all of it'}")
    return Block(
        TITLE,
        (
            ("asked", f"{LEAVES} asked {SILENT}, who had not answered, and {TAKES}, who said yes"),
            ("a registrar", f"says that {LEAVES} left, and that {SUCCESSOR} succeeds it"),
            ("not answered", f"withdrawn by the timekeeper: {stands[0]}; {SILENT} hears {found.heard}"),
            (
                "taken on",
                f"goes on: {TAKES} helps the pupil all the same; it stood as {went[0]}, and then as {went[1]}",
            ),
            (
                "the successor",
                f"sees none of it ({found.successor}): the person agreed to nobody else, and is asked anew",
            ),
        ),
    )
