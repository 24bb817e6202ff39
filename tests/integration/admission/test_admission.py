"""From a partner's rows to the log, and back to the partner."""

from services.admission.admission import Admission
from tests.support.admitting import clinic, codes, consent, offer, requested, said, shelter


async def test_a_referral_walks_from_its_client_to_its_outcome(admission: Admission) -> None:
    told = await admission.admit(
        clinic,
        [
            said("client.registered", "c1", {"details": "canary"}, client="own:1"),
            consent("k1", "own:1"),
            requested("r1", "own:r1", "own:1", details="canary"),
            offer("o1", "own:r1"),
        ],
    )
    assert codes(told) == [None] * 4
    referral = told[3].subject
    assert referral is not None
    answers = await admission.admit(
        shelter,
        [
            said("referral.offer_viewed", "v1", {"offer_id": "own:o1", "by": "person"}, subject=referral),
            said("referral.offer_accepted", "a1", {"offer_id": "own:o1"}, subject=referral),
        ],
    )
    assert codes(answers) == [None] * 2
    assert answers[1].alias is not None
