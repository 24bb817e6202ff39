"""The demonstration's scenes: what they show is judged, so that one that shows something else fails it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from services.measurement.loops import RATES, Loops
from services.ops.demo.scenes import deadline, journey, rates
from services.ops.demo.scenes.block import Block, show
from services.ops.demo.scenes.case import DETAILS, NOTE
from services.ops.demo.scenes.page import Page
from services.ops.demo.scenes.sealed import leaks
from services.ops.errors import DemoFailed

CLOCK = "urn:manyhands:system:timekeeper"
TURN = {"who": "sender", "events": ["referral.offer_sent"]}
COUNTED = "1 disposed, 1 served, 1 acknowledged, 1 confirmed"
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def said(name: str, source: str = CLOCK) -> dict[str, Any]:
    return {"type": f"referral.{name}", "source": source, "happened": AT}


STORY = [said("offer_sent", "urn:manyhands:partner:alder-clinic"), *map(said, deadline.SAID)]


def test_a_deadline_is_told_by_whoever_said_it() -> None:
    told = deadline.told(STORY, TURN)
    assert ("offer expired", "due 02 March 09:00, said by the timekeeper") in told.lines


@pytest.mark.parametrize("missing", deadline.SAID)
def test_a_clock_that_is_silent_fails_the_demonstration(missing: str) -> None:
    with pytest.raises(DemoFailed, match="A deadline passes"):
        deadline.told([each for each in STORY if missing not in each["type"]], TURN)


def test_somebody_else_does_not_speak_for_the_clock() -> None:
    with pytest.raises(DemoFailed, match="spoke for the clock"):
        deadline.told([*STORY[:-1], said("offer_expired", "urn:manyhands:partner:alder-clinic")], TURN)


def line(sent: int, **more: Any) -> dict[str, Any]:
    counts = {name: {"of": 1, "among": sent} for name in RATES}
    return {"sent": sent, "confirmed": 1, "rates": counts, "area": "north", **more}


def seen(**changed: Any) -> rates.Seen:
    event = {"partition": 3, "record_offset": 14}
    usual = rates.Seen(
        Loops(None, (line(9),)),
        Loops(None, (line(5), line(4, area=None))),
        Loops(None, (line(7),)),
        Loops(None),
        dict.fromkeys(rates.BEHIND, (event,)),
    )
    return usual._replace(**changed)


def test_rates_are_shown_with_their_counts_and_the_events_behind() -> None:
    told = rates.told(seen())
    assert told.lines[0] == ("disposition", "1/9 (11 %): ended in any known way, of all sent")
    assert ("events behind", f"{COUNTED}; the first served is at 3:14 of the log") in told.lines


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"areas": Loops(None, (line(5),))}, "do not make up"),
        ({"now": Loops(None, (line(9, confirmed=0),))}, "no client confirmed"),
        ({"loaded": Loops(None, (line(9),))}, "cannot be told apart"),
        ({"year": Loops(None, (line(1),))}, "before it was told"),
        ({"behind": dict.fromkeys(rates.BEHIND, ())}, "no event stands behind"),
    ],
)
def test_figures_that_do_not_fit_fail_the_demonstration(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(DemoFailed, match=why):
        rates.told(seen(**changed))


def test_a_journey_that_is_not_hers_fails_the_demonstration() -> None:
    with pytest.raises(DemoFailed, match="it tells"):
        journey.told({"needs": [], "legs": []})


@pytest.mark.parametrize("shown", [DETAILS, "to Marisol Quiroga, today", "call 555-0142", NOTE, "for Hana"])
def test_sealed_text_is_found_in_what_is_shown(shown: str) -> None:
    assert leaks(f"the bed\n  {shown}", [DETAILS, NOTE])


def test_what_its_reader_may_see_is_no_leak_and_what_is_beside_it_is() -> None:
    assert leaks(f"it opens: {DETAILS}\n   {NOTE}", [DETAILS, NOTE], [DETAILS, NOTE]) == []
    assert leaks(f"it opens: {DETAILS} {NOTE}", [DETAILS, NOTE], [DETAILS]) == [NOTE]


def test_a_block_is_shown_within_eighty_columns(capsys: pytest.CaptureFixture[str]) -> None:
    show(Console(width=80), Block("A title", (("what", "word " * 40), ("longer what", "[bold] is text"))))
    lines = capsys.readouterr().out.splitlines()
    assert max(len(each.rstrip()) for each in lines) <= 80
    assert "[bold] is text" in "\n".join(lines)


def test_a_page_is_read_by_its_blocks_forms_and_rows() -> None:
    page = Page(
        '<h1>My worklist</h1><ul><li><a href="/work?list=answer">Needs <span>3</span></a></li></ul>'
        '<table><tr><th data-label="Person"><span>a</span></th><td data-label="Need">Bed<br>now</td></tr></table>'
        '<form method="post" action="/x"><input type="hidden" name="csrf" value="p"><button>Go</button></form>'
    )
    assert page.texts("h1", "li") == ["My worklist", "Needs 3"]
    assert page.rows == [{"Person": "a", "Need": "Bed; now"}]
    assert [(form.action, form.fields) for form in page.forms] == [("/x", {"csrf": "p"})]
    assert page.places == ["/work?list=answer"]
