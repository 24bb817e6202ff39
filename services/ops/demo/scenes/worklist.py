"""What staff see: signed in by a link in a mail, what waits, list by list."""

from pathlib import Path

from services.gateway.worklist import LISTS, List
from services.ops.demo.scenes.block import Block, Line, sure
from services.ops.demo.scenes.house import SENDER, House
from services.ops.demo.scenes.signin import signed_in
from services.ops.doorway import STAFF

TITLE = f"The worklist of {SENDER}'s staff"
ASKS, ASKED = "alder-school", "alder-legal-aid"
SHOWN: tuple[List, ...] = ("answer", "waiting", "overdue", "ended")
#: Where `make up` answers, unless it is told another port.
DOOR = "http://127.0.0.1:8080"


async def begun(house: House) -> None:
    """Ask the staff's partner for something, and somebody else on its behalf, so that something waits."""
    sender, asks = await house.desk(SENDER), await house.desk(ASKS)
    await asks.know("own:pupil-9", "Noor Haverkamp, 555-0147", [sender.partner])
    await asks.refer("own:pupil-9", sender.partner, "Has a cough for weeks.")
    asked = house.partner(ASKED)
    await sender.know("own:case-3", "Ruben Achterberg, 555-0148", [asked])
    await sender.refer("own:case-3", asked, "Was given notice.")


async def play(house: House) -> Block:
    """Sign in and read each list.  Raises DemoFailed when one of them is empty."""
    await house.let_in(SENDER, STAFF)
    browser = await signed_in(house, STAFF)
    lines: list[Line] = []
    for name in SHOWN:
        page = await browser.open(f"/work?list={name}")
        tabs = [each for each in page.texts("li") if each.rsplit(" ", 1)[-1].isdigit()]
        title, count = tabs[LISTS.index(name)].rsplit(" ", 1)
        sure(int(count) > 0 and page.rows, TITLE, f"“{title}” holds {count}")
        lines.append((f"{title} ({count})", _said(page.rows[0])))
    home = _near(house.settings.home)
    lines += [
        ("see it", f"MANYHANDS_HOME={home} make up brings all of this back:"),
        ("", f"{DOOR}/work, signed in at {DOOR}/signin as {STAFF}"),
        ("", f"(the mail with the link lies in {home}/mail)"),
    ]
    return Block(TITLE, tuple(lines))


def _near(home: Path) -> Path:
    """Return the folder as it is named from here, if it is within."""
    here = Path.cwd()
    return home.relative_to(here) if home.is_relative_to(here) else home


def _said(row: dict[str, str]) -> str:
    """Return one line of a list."""
    due = list(row)[6]
    return f"{row['Need']}, {row['With']}, {due.lower()} {row[due]}"
