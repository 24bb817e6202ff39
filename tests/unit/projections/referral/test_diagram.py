from dataclasses import replace
from xml.etree import ElementTree as ET

from projections.referral.diagram import draw, sentences
from projections.referral.transitions import MOVES

SVG = "{http://www.w3.org/2000/svg}"


def test_the_picture_has_a_title_and_says_every_row_in_words() -> None:
    root = ET.fromstring(draw())  # noqa: S314 - our own picture
    assert root.get("aria-labelledby") == "title desc"
    assert root.findtext(f"{SVG}title") == "How an offer moves from state to state"
    described = root.findtext(f"{SVG}desc") or ""
    assert "accepted (recipient, link holder): from requested it goes to accepted (accepted)." in described
    assert "acknowledged (sender): from rejected, completed, failed, cancelled it stays as it is." in described
    assert len(list(sentences())) == len(MOVES)


def test_the_picture_follows_the_table() -> None:
    fewer = tuple(move for move in MOVES if move.fact != "started")
    assert "started (recipient, link holder)" in draw()
    assert "in-progress" in draw(fewer)
    assert "started (recipient, link holder)" not in draw(fewer)


def test_an_arrow_may_lead_back_and_need_a_detail() -> None:
    accepted = next(move for move in MOVES if move.fact == "accepted")
    late = replace(accepted, sources=("cancelled",), only="expired-no-response")
    assert draw((late,)).count('class="arrow"') == 1
    assert next(sentences((late,))) == (
        "accepted (recipient, link holder): from cancelled when expired-no-response it goes to accepted (accepted)."
    )
