"""An initiative and people's stories as partners' systems tell them: rows of NDJSON."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from tests.support.admitting import AGREED, ANSWER_BY, BACKBONE, CLINIC, REGISTRAR, SECOND, SHELTER, said
from tests.support.deployment import Deployment, Ran
from tests.support.events import INITIATIVE, ident

BEDS = ident("beds of the shelter")


def lines(*rows: bytes) -> bytes:
    """Return the rows as a file."""
    return b"\n".join(rows) + b"\n"


async def opened(deployment: Deployment) -> None:
    """Open the initiative with a clinic that refers, a shelter that is referred to, and two registrars."""
    ran = await deployment(
        "init", INITIATIVE, "--zone", "America/Chicago", "--backbone", BACKBONE, "--registrar", REGISTRAR
    )
    assert ran.code == 0, ran.err
    second = said("partner.role_assigned", "second", {"person_id": SECOND, "role": "registrar"}, subject=BACKBONE)
    policy = said("initiative.policy_set", "policy", {"erasure_wait_days": 0})
    joining = [row for partner in (CLINIC, SHELTER) for row in _joining(partner)]
    await published(deployment, BACKBONE, [second, policy, *joining], "--actor", REGISTRAR)
    beds = {
        "service_id": BEDS,
        "name": "Beds",
        "needs": ["shelter"],
        "accepts_referrals": True,
        "programme_class": "general",
    }
    await published(deployment, SHELTER, [said("partner.service_published", "beds", beds)])


def _joining(partner: str) -> list[bytes]:
    joined = {"name": partner.title(), "sector": "health", "reporting": "client-level"}
    signed = {"agreement_id": f"own:{partner}", "version": "1", "signed_at": "2026-01-01"}
    return [
        said("partner.joined", f"joined-{partner}", joined, subject=partner),
        said("partner.agreement_signed", f"signed-{partner}", signed, subject=partner),
    ]


async def published(deployment: Deployment, partner: str, rows: Sequence[bytes], *options: str) -> list[dict[str, Any]]:
    """Publish rows all of which get in, and return the answers."""
    ran = await told(deployment, partner, lines(*rows), *options)
    assert ran.code == 0, (ran.err, [row for row in ran.rows if not row["ok"]])
    return ran.rows


async def told(deployment: Deployment, partner: str, said: bytes, *options: str) -> Ran:
    """Publish what a partner says, whatever becomes of it."""
    return await deployment("publish", "-", "--as", partner, "--json", *options, said=said)


class Person:
    """One person's story; `own` stands in every id that the clinic gives."""

    def __init__(self, own: str) -> None:
        self.own = own
        self.client = f"own:{own}"

    def registered(self, **data: Any) -> bytes:
        return self._said("client.registered", "", data, client=self.client)

    def consented(self, **data: Any) -> bytes:
        return self._said("consent.granted", "", {"consent_id": self.client, **AGREED, **data}, client=self.client)

    def requested(self, which: str, **data: Any) -> bytes:
        usual = {"need": {"taxonomy": "manyhands", "code": "shelter"}, "urgency": "soon"}
        about = {"client": self.client, "subject": f"{self.client} {which}"}
        return self._said("referral.requested", which, usual | data, **about)

    def offered(self, which: str, **data: Any) -> bytes:
        usual = {
            "offer_id": self.offer(which),
            "recipient": SHELTER,
            "service_id": BEDS,
            "purpose": "care",
            "data_classes": ["contact"],
            "respond_by": ANSWER_BY,
            "consent_id": self.client,
            "duplicate_reason": "other",
        }
        return self._said("referral.offer_sent", which, usual | data, subject=f"{self.client} {which}")

    def drafted(self, which: str) -> bytes:
        """Return an offer that the clinic prepares for the need that was kept."""
        data = {"offer_id": self.offer(which), "recipient": SHELTER}
        return self._said("referral.offer_drafted", which, data, subject=f"{self.client} kept")

    def mistaken(self, which: str) -> bytes:
        """Return that the clinic should never have made this offer."""
        data = {"offer_id": self.offer(which), "reason": "wrong-client"}
        return self._said("referral.entered_in_error", which, data, subject=f"{self.client} {which}")

    def handed_off(self, which: str) -> bytes:
        data = {
            "offer_id": self.offer(which),
            "need": {"taxonomy": "manyhands", "code": "food"},
            "urgency": "soon",
            "channel": "phone",
        }
        about = {"client": self.client, "subject": f"{self.client} {which}"}
        return self._said("referral.handoff_reported", which, data, **about)

    def served(self, which: str) -> Iterator[bytes]:
        """Give an episode at the clinic, which should never have been recorded."""
        subject = f"{self.client} {which}"
        yield self._said("episode.enrolled", which, {"programme": "winter"}, client=self.client, subject=subject)
        yield self._said("episode.entered_in_error", which, {"reason": "wrong-client"}, subject=subject)

    def answered(self, name: str, which: str, subject: str, **data: Any) -> bytes:
        """Return what is said about an offer; the shelter knows the referral by the id it was given."""
        return self._said(f"referral.{name}", which, {"offer_id": self.offer(which)} | data, subject=subject)

    def offer(self, which: str) -> str:
        return ident(f"{self.own} {which}")

    def _said(self, name: str, which: str, data: Mapping[str, Any], **attributes: str) -> bytes:
        return said(name, " ".join((self.own, name, which)).strip(), dict(data), **attributes)


def subjects(answers: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return what each row was about, as others know it, by the emitter's id."""
    return {answer["id"]: answer["subject"] for answer in answers if "subject" in answer}


def changed(row: bytes, **attributes: Any) -> bytes:
    """Return the row with some of its attributes said otherwise."""
    return orjson.dumps(orjson.loads(row) | attributes)
