"""The demonstration's scenes: what they show is judged, so that one that shows something else fails it."""

from typing import Any

import pytest
from rich.console import Console

from services.measurement.loops import RATES, Loops
from services.ops.demo.scenes import (
    again,
    claimed,
    gone,
    handshake,
    journey,
    leaving,
    oneperson,
    outside,
    putright,
    rates,
    room,
    sheet,
)
from services.ops.demo.scenes.block import Block, show
from services.ops.demo.scenes.case import DETAILS, NOTE
from services.ops.demo.scenes.page import Page
from services.ops.demo.scenes.sealed import leaks
from services.ops.errors import DemoFailed

COUNTED = "1 disposed, 1 served, 1 acknowledged, 1 confirmed"


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


MEMBER = {"role": "class-member", "client": None, "sender": None, "service": None, "need": {"code": "legal-aid"}}
MEMBERS = claimed.CLASS.names
ASKED = dict.fromkeys(MEMBERS, MEMBER | {"area": "north", "urgency": "soon"})
FIRST = {name: {"sender": "alder-clinic"} if name == "birch-legal-aid" else {} for name in MEMBERS}
GONE_FOR = dict.fromkeys(("alder-legal-aid", "cedar-legal-aid"), "offer-gone")


def test_an_offer_to_a_class_is_shown_as_each_member_saw_it() -> None:
    lines = claimed.told(ASKED, FIRST, GONE_FOR).lines
    assert ("claimed", "birch-legal-aid was first, and sees that alder-clinic asks") in lines


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (ASKED | {"alder-legal-aid": {}}, FIRST, "alder-legal-aid was not asked"),
        (ASKED | {"alder-legal-aid": MEMBER | {"sender": "alder-clinic"}}, FIRST, "learned too much"),
        (ASKED, {name: {} for name in MEMBERS}, "nobody has claimed it"),
        (ASKED, FIRST | {"alder-legal-aid": {"sender": "alder-clinic"}}, "2 see it"),
    ],
)
def test_a_class_that_sees_too_much_or_too_little_fails_the_demonstration(before: Any, after: Any, why: str) -> None:
    with pytest.raises(DemoFailed, match=why):
        claimed.told(before, after, GONE_FOR)


@pytest.mark.parametrize("kind", ["", "offer-claimed"])
def test_a_member_that_does_not_hear_that_it_is_gone_fails_the_demonstration(kind: str) -> None:
    with pytest.raises(DemoFailed, match="alder-legal-aid heard"):
        claimed.told(ASKED, FIRST, GONE_FOR | {"alder-legal-aid": kind})


DECLINED = {"id": "1", "recipient": "a", "reason": "no-capacity", "replaces": None}
GIVEN_UP = {"status": "cancelled", "loop": "closed-not-served", "offers": [DECLINED]}
AGAIN = {"id": "2", "recipient": "b", "replaces": "1"}
REOPENED = {"status": "requested", "loop": "open", "offers": [DECLINED, AGAIN], "hops": 2}


def test_a_need_that_is_taken_up_again_is_shown_before_and_after() -> None:
    assert ("given up", "cancelled, closed-not-served") in again.told(GIVEN_UP, REOPENED).lines


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ({"loop": "open"}, {}, "given up and stood as open"),
        ({}, {"loop": "closed-not-served"}, "the new offer left it"),
        ({}, {"offers": [DECLINED | {"reason": "other"}, AGAIN]}, "changed what is told of the old"),
        ({}, {"offers": [DECLINED, AGAIN | {"replaces": None}]}, "what it replaces"),
        ({}, {"offers": [DECLINED]}, "tells of 1 offers"),
    ],
)
def test_history_that_changed_fails_the_demonstration(before: Any, after: Any, why: str) -> None:
    with pytest.raises(DemoFailed, match=why):
        again.told(GIVEN_UP | before, REOPENED | after)


@pytest.mark.parametrize(
    ("loops", "need", "why"),
    [
        (("handed-off", "handed-off"), {"hops": 0, "served": False}, "it stood as"),
        (("handed-off", "handed-off-heard"), {"hops": 0, "served": True}, "are counted as"),
        (("handed-off", "handed-off-heard"), {"hops": 1, "served": False}, "are counted as"),
    ],
)
def test_a_hand_off_that_counts_as_served_here_fails_the_demonstration(loops: Any, need: Any, why: str) -> None:
    before, after = ({"status": "in-progress", "loop": loop} for loop in loops)
    with pytest.raises(DemoFailed, match=why):
        outside.told(before, after, [need])


def file(*needs: str) -> str:
    return "\n".join(["need_code,status,sent_utc,sent_local", *(f"{need},completed,a,b" for need in needs)])


def test_a_file_is_shown_by_its_columns_and_a_line() -> None:
    told = sheet.told(file("shelter", "food"), (5, 7), "own:case-1")
    assert ("a line", "shelter, completed, sent a, there b") in told.lines


@pytest.mark.parametrize(
    ("text", "accounted", "why"),
    [(file("shelter"), (5, 7), "holds"), (file("shelter", "food"), (5, 6), "1 lines on record"), ("", (0, 0), "holds")],
)
def test_a_file_of_others_or_off_the_record_fails_the_demonstration(text: str, accounted: Any, why: str) -> None:
    with pytest.raises(DemoFailed, match=why):
        sheet.told(text, accounted, "own:case-1")


@pytest.mark.parametrize(
    ("wish", "mine", "ended", "why"),
    [
        ("cancelled", ["accepted"], "cancel-confirmed", "the wish left it as cancelled"),
        ("cancel-requested", [], "cancel-confirmed", "to answer"),
        ("cancel-requested", ["accepted"], "accepted", "the recipient agreed and"),
    ],
)
def test_a_cancellation_that_takes_one_fails_the_demonstration(wish: str, mine: Any, ended: str, why: str) -> None:
    with pytest.raises(DemoFailed, match=why):
        handshake.told(wish, mine, ended)


@pytest.mark.parametrize(
    ("answers", "known", "why"),
    [
        (("published", "403 second-person-required", "Done"), ["published"], "the two approvals"),
        (("waiting", "published", "Done"), ["published"], "one person alone"),
        (("waiting", "403 second-person-required", "Done"), ["waiting"], "the partner sees"),
    ],
)
def test_one_person_who_decides_alone_fails_the_demonstration(answers: Any, known: Any, why: str) -> None:
    with pytest.raises(DemoFailed, match=why):
        oneperson.told(answers, known)


ROOM = {"status": "capacity", "available": 6, "maximum": 20, "unit": "place", "reported": "2026-03-02T09:00:00+00:00"}
LATER = ROOM | {"reported": "2026-03-09T09:00:00+00:00"}


def test_a_tap_is_shown_with_how_much_newer_the_figure_is() -> None:
    shown = room.told("Others read this", "Thank you", (ROOM, ROOM, LATER))
    assert shown.lines[-1][1].startswith("says the same, 7 days, 0:00:00 newer")


@pytest.mark.parametrize(
    ("rooms", "why"),
    [
        ((ROOM, LATER, LATER), "looking changed"),
        ((ROOM, ROOM, ROOM), "the tap left"),
        ((ROOM, ROOM, LATER | {"available": 5}), "the tap left"),
    ],
)
def test_a_look_that_says_something_or_a_tap_that_does_not_fails_the_demonstration(rooms: Any, why: str) -> None:
    with pytest.raises(DemoFailed, match=why):
        room.told("", "", rooms)


LEFT = {"detail": "recipient-left", "reason": "partner-left", "next": {"who": "sender", "events": []}}
GONE = {"active": False, "successor": leaving.SUCCESSOR}


@pytest.mark.parametrize(
    ("offer", "partner", "answered", "why"),
    [
        ({"detail": "sent"}, {}, "401", "the offer stands as"),
        ({"next": None}, {}, "401", "the next step"),
        ({}, {"active": True}, "401", "the directory says"),
        ({}, {"successor": None}, "401", "the directory says"),
        ({}, {}, "", "reads on"),
    ],
)
def test_a_partner_that_goes_on_fails_the_demonstration(offer: Any, partner: Any, answered: str, why: str) -> None:
    with pytest.raises(DemoFailed, match=why):
        leaving.told(LEFT | offer, GONE | partner, answered)


ASKER_LEFT = gone.Found(
    {"detail": "sender-left", "reason": "sender-left"},
    "offer-recalled",
    {"detail": "accepted"},
    {"detail": "served"},
    "404 not-found",
)


def test_what_was_taken_on_is_shown_to_go_on_without_whoever_asked() -> None:
    assert dict(gone.told(ASKER_LEFT).lines)["taken on"].endswith("it stood as accepted, and then as served")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"silent": {"detail": "sent", "reason": None}}, "what nobody answered stands as"),
        ({"heard": "offer-arrived"}, "heard offer-arrived"),
        ({"before": {"detail": "sender-left"}}, "what was taken on stood as"),
        ({"after": {"detail": "accepted"}}, "what was taken on stood as"),
        ({"successor": ""}, "was answered with all of it"),
    ],
)
def test_a_partner_that_left_and_still_asks_fails_the_demonstration(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(DemoFailed, match=why):
        gone.told(ASKER_LEFT._replace(**changed))


NO_SHOW = {"loop": "open", "offers": [{"outcome": "not-delivered", "reason": "no-show"}]}
SAID = ("offer_accepted", putright.RECORDED, putright.CORRECTED)
OUTCOME = putright.Outcome({"loop": "closed-served"}, NO_SHOW, "outcome-corrected", SAID)
IN_ERROR = {"loop": "not-opened", "offers": [{"status": "entered-in-error"}]}
WRONG = putright.Wrong(IN_ERROR, "offer-in-error", "403 not-in-force")


def test_a_correction_is_shown_beside_what_it_corrects() -> None:
    said = "that was another's visit: not-delivered, no-show; the need is open again"
    assert ("corrected", said) in putright.told(OUTCOME, WRONG).lines


@pytest.mark.parametrize(
    ("outcome", "wrong", "why"),
    [
        ({"after": NO_SHOW | {"loop": "closed-served"}}, {}, "it stood as"),
        ({"heard": ""}, {}, "the sender heard nothing"),
        ({"said": SAID[:1] + SAID[2:]}, {}, "on record is"),
        ({}, {"after": IN_ERROR | {"loop": "open"}}, "what was made by mistake stands as"),
        ({}, {"heard": "offer-arrived"}, "heard offer-arrived"),
        ({}, {"read": ""}, "reads on: all of it"),
    ],
)
def test_a_correction_that_erases_or_changes_nothing_fails_the_demonstration(
    outcome: dict[str, Any], wrong: dict[str, Any], why: str
) -> None:
    with pytest.raises(DemoFailed, match=why):
        putright.told(OUTCOME._replace(**outcome), WRONG._replace(**wrong))


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
