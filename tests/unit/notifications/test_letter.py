"""What mails say: that something is so, and nothing by which anybody could tell what or whose."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from projections.communication.notes import NOTES, TO_CLASS, Kind
from projections.referral.state import Offer
from services.notifications import letter as module
from services.notifications.letter import ASKED, LETTERS, letter

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
OFFER = Offer(
    id="o",
    recipient="shelter",
    service="s",
    status="requested",
    detail="sent",
    consent="c",
    purpose="referral",
    data_classes=(),
    programme_class="general",
    protected=False,
    respond_by=NOW + timedelta(days=1),
    sent=NOW,
)
#: Words that would say what it is about, or that somebody's care is spoken of at all.
TELLING = (
    "bed",
    "need",
    "refer",
    "offer",
    "client",
    "person",
    "service",
    "consent",
    "help",
    "protect",
    "programme",
    "someone",
    "somebody",
)


def telling(kind: Kind, secret: str | None) -> list[str]:
    """Return the words in a mail of this kind that say too much."""
    made = letter(kind, "a@b.example", "https://door.example", secret)
    text = f"{made.subject}{made.text}{made.html}".lower()
    return [word for word in TELLING if word in text]


@pytest.mark.parametrize("secret", [None, "secret"])
@pytest.mark.parametrize("kind", LETTERS)
def test_mail_is_neutral(kind: Kind, secret: str | None) -> None:
    assert telling(kind, secret) == []


def test_a_word_too_many_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: a line that says whose it is."""
    told = LETTERS["reminder"]._replace(line="A person needs a bed.")
    monkeypatch.setattr(module, "LETTERS", {**LETTERS, "reminder": told})
    assert telling("reminder", None) == ["bed", "need", "person"]


def test_what_is_mailed_is_told_in_the_feed() -> None:
    told = {(note.kind, note.to) for notes in NOTES.values() for note in notes} | {(TO_CLASS.kind, TO_CLASS.to)}
    assert set(LETTERS) <= {kind for kind, _ in told}
    for kind, said in LETTERS.items():
        # Whoever is asked is mailed alike, as the recipient or as one of a class.
        assert (kind, "sender") in told if "sender" in said.to else told & {(kind, why) for why in ASKED}


STILL = {
    "open": (OFFER, {"offer-arrived", "offer-open-to-class", "reminder", "no-answer-yet"}),
    "overdue": (replace(OFFER, respond_by=NOW), set()),
    "expired": (replace(OFFER, status="cancelled", detail="expired-no-response"), {"offer-expired"}),
    "promised": (replace(OFFER, status="accepted", detail="accepted"), {"reminder", "not-begun-yet"}),
    "begun": (replace(OFFER, status="in-progress", detail="serving", started=NOW), set()),
    "to be cancelled": (replace(OFFER, status="accepted", detail="cancel-requested"), {"reminder", "cancel-requested"}),
    "declined": (replace(OFFER, status="rejected", detail="declined"), set()),
}


@pytest.mark.parametrize(("offer", "kinds"), STILL.values(), ids=STILL.keys())
def test_what_asks_for_something_is_mailed_while_it_does(offer: Offer, kinds: set[str]) -> None:
    assert {kind for kind, said in LETTERS.items() if said.still is not None and said.still(offer, NOW)} == kinds
