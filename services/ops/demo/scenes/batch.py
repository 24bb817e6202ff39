"""A batch that was sent by mistake, taken back by events that fit from where things stand."""

from collections import Counter
from dataclasses import replace

from services.ops.demo.scenes.block import Block, sure
from services.ops.demo.scenes.house import SENDER, House
from services.ops.undo.outcome import exit_code, left_of, said_of
from services.ops.undo.saying import Sent, taken_back

TITLE = "A batch sent by mistake is taken back"
HELPER, CORRELATION = "alder-food-bank", "import-of-the-wrong-file"
PEOPLE = ("Ottilie Brandauer, 555-0144", "Kwabena Osei, 555-0145", "Yara Lindqvist, 555-0146")


async def play(house: House) -> Block:
    """Send three clients' referrals, one of which is accepted, and take all of it back.  Raises DemoFailed."""
    sender = replace(await house.desk(SENDER), correlation=CORRELATION)
    helper = await house.desk(HELPER)
    asked = []
    for number, details in enumerate(PEOPLE):
        await sender.know(f"own:wrong-{number}", details, [helper.partner])
        asked.append(await sender.refer(f"own:wrong-{number}", helper.partner, "Sent by mistake."))
    await helper.answer(asked[0], "offer_accepted")
    undone = await taken_back(house.settings, Sent(SENDER, CORRELATION), lambda _: None)
    became = Counter(each.became(dry_run=False) for each in said_of(undone))
    sure(exit_code(said_of(undone), dry_run=False) == 0, TITLE, f"it came to {dict(became)}")
    said = Counter(each.step.type for each in said_of(undone))
    left = Counter(step.said for step in left_of(undone))
    wanted = {
        "referral.offer_recalled": 2,
        "referral.entered_in_error": 2,
        "referral.cancel_requested": 1,
        "consent.entered_in_error": 2,
    }
    sure(wanted.items() <= said.items(), TITLE, f"it said {dict(said)}")
    return Block(
        TITLE,
        (
            ("sent", f"{len(PEOPLE)} clients, 12 events, one offer accepted before anybody noticed"),
            ("said now", ", ".join(f"{count} {name}" for name, count in said.items())),
            ("for a person", ", ".join(f"{count} {name}" for name, count in left.items())),
            ("nothing erased", f"manyhands undo --source {SENDER} --correlation {CORRELATION}"),
        ),
    )
