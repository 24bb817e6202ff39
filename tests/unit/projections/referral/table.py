"""Where each fact takes an offer, written down a second time by hand."""

from projections.referral.transitions import Fact, Status
from projections.referral.transitions import Step as Stand

__all__ = ["EXPECTED", "STANDS", "Stand", "expected"]

#: The states that an offer is tried in, in the order of the columns below.
STANDS: tuple[Stand, ...] = (
    Stand("requested", "before"),
    Stand("accepted", "before"),
    Stand("in-progress", "before"),
    Stand("on-hold", "before"),
    Stand("accepted", "cancel-requested"),
    Stand("in-progress", "cancel-requested"),
    Stand("on-hold", "cancel-requested"),
    Stand("completed", "before"),
    Stand("failed", "before"),
    Stand("rejected", "before"),
    Stand("cancelled", "before"),
    Stand("cancelled", "expired-no-response"),
    Stand("cancelled", "cancel-unanswered"),
    Stand("entered-in-error", "before"),
)
#: "=" stays as it is, "-" is refused, else the fine state that it comes to.
EXPECTED: dict[Fact, str] = {
    #                             req acc prog hold acc! prog! hold! comp fail rej canc exp canc! err
    "recalled": "                 recalled - - - - - - - - - - - - -",
    "viewed": "                   viewed = = = = = = = = = = = = -",
    "fetched": "                  = = = = = = = = = = = = = -",
    "accepted": "                 accepted - - - - - - - - - - accepted - -",
    "claimed": "                  claimed - - - - - - - - - - claimed - -",
    "declined": "                 declined - - - - - - - - - - - - -",
    "expired": "                  expired-no-response - - - - - - - - - - - - -",
    "reminded": "                 = = = = = = = - - - - - - -",
    "escalated": "                = = = = = = = - - - - - - -",
    "contacted": "                - contacting = = = = = - - - - - - -",
    "started": "                  - serving - serving - - - - - - - - - -",
    "waitlisted": "               - waitlisted - waitlisted - - - - - - - - - -",
    "held": "                     - resting resting resting - - - - - - - - - -",
    "resumed": "                  - - - serving - - - - - - - - - -",
    "delivered": "                - served served served served served served - - - - - served -",
    "partly-delivered": "         - partly-served partly-served partly-served partly-served partly-served"
    " partly-served - - - - - partly-served -",
    "not-delivered": "            - not-served not-served not-served not-served not-served not-served - - - - -"
    " not-served -",
    "heard": "                    = = = = = = = = = = = = = -",
    "cancel-asked": "             - cancel-requested cancel-requested cancel-requested - - - - - - - - - -",
    "cancelled": "                - - - - cancel-confirmed cancel-confirmed cancel-confirmed - - - - - - -",
    "cancel-unanswered": "        - - - - cancel-unanswered cancel-unanswered cancel-unanswered - - - - - - -",
    "withdrawn": "                - withdrawn withdrawn withdrawn withdrawn withdrawn withdrawn - - - - - - -",
    "recipient-left": "           recipient-left recipient-left recipient-left recipient-left recipient-left"
    " recipient-left recipient-left - - - - - - -",
    "sender-left": "              sender-left - - - - - - - - - - sender-left - -",
    "consent-expired": "          consent-expired consent-expired consent-expired consent-expired consent-expired"
    " consent-expired consent-expired - - - - - - -",
    "acknowledged": "             - - - - - - - = = = = = = -",
    "client-asked": "             = = = = = = = = = = = = = -",
    "client-answered": "          = = = = = = = = = = = = = -",
    "corrected-to-delivered": "   - - - - - - - served served - - - - -",
    "corrected-to-partly": "      - - - - - - - partly-served partly-served - - - - -",
    "corrected-to-not-delivered": "- - - - - - - not-served not-served - - - - -",
    "entered-in-error": "         in-error in-error in-error in-error in-error in-error in-error in-error in-error"
    " in-error in-error in-error in-error -",
    "consent-ended": "            consent-revoked consent-revoked consent-revoked consent-revoked consent-revoked"
    " consent-revoked consent-revoked - - - - - - -",
    "client-erased": "            client-erased client-erased client-erased client-erased client-erased"
    " client-erased client-erased - - - - - - -",
}
STATUS_OF: dict[str, Status] = {
    "viewed": "requested",
    "accepted": "accepted",
    "claimed": "accepted",
    "contacting": "accepted",
    "serving": "in-progress",
    "waitlisted": "on-hold",
    "resting": "on-hold",
    "served": "completed",
    "partly-served": "completed",
    "not-served": "failed",
    "declined": "rejected",
    "in-error": "entered-in-error",
    **dict.fromkeys(
        (
            "recalled",
            "expired-no-response",
            "cancel-confirmed",
            "cancel-unanswered",
            "withdrawn",
            "recipient-left",
            "sender-left",
            "consent-expired",
            "consent-revoked",
            "client-erased",
        ),
        "cancelled",
    ),
}


def expected(fact: Fact, stand: Stand) -> Stand | None:
    """Return where the fact takes an offer that stands so; None when it is refused."""
    detail = EXPECTED[fact].split()[STANDS.index(stand)]
    if detail in "=-":
        return stand if detail == "=" else None
    # That a cancellation was asked for leaves the status as it is.
    return Stand(stand.status if detail == "cancel-requested" else STATUS_OF[detail], detail)
