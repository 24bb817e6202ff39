"""What may be said of a need, and what reaches its offer from elsewhere: written by hand, not from the rules."""

from typing import Literal, NamedTuple

from tests.unit.projections.referral.table import STANDS, Stand

#: A need of which no offer was sent: not stated, stated, with a draft or one thrown away, given up, arranged outside.
Bare = Literal["nothing", "stated", "draft", "thrown", "given-up", "outside"]
BARE: tuple[Bare, ...] = ("nothing", "stated", "draft", "thrown", "given-up", "outside")
#: The columns below: the bare ones, then whatever an offer may stand as.
Place = Bare | Stand
PLACES: tuple[Place, ...] = (*BARE, *STANDS)
#: Where the recipient has accepted before, so that it serves the person.
SERVED = frozenset(
    stand for stand in STANDS if stand.status not in ("requested", "rejected") and stand.detail != "expired-no-response"
)

Said = Literal[
    "requested",
    "handed-off",
    "drafted",
    "sent",
    "discarded",
    "closed",
    "revoked",
    "consent-in-error",
    "narrowed",
    "stopped",
    "erased",
]
#: "=" is applied and moves nothing; "exists" and "illegal" are refused so, "missing" too, and "unknown" is said to
#: whoever asks; else what becomes of it.
EXPECTED: dict[Said, str] = {
    #               nothing stated  draft     thrown   given-up outside
    "requested": "  stated  exists   exists    exists   exists   exists"
    #               req acc prog hold acc! prog! hold! comp fail rej canc exp canc! err
    "               exists exists exists exists exists exists exists exists exists exists exists exists exists exists",
    "handed-off": " outside exists   exists    exists   exists   exists"
    "               exists exists exists exists exists exists exists exists exists exists exists exists exists exists",
    "drafted": "    unknown drafted  exists    exists   drafted  illegal"
    "               exists exists exists exists exists exists exists exists exists exists exists exists exists exists",
    "sent": "       unknown sent     sent      illegal  sent     illegal"
    "               exists exists exists exists exists exists exists exists exists exists exists exists exists exists",
    "discarded": "  unknown missing  discarded illegal  missing  missing"
    "               illegal illegal illegal illegal illegal illegal illegal illegal illegal illegal illegal illegal"
    "               illegal illegal",
    "closed": "     unknown given-up given-up  given-up illegal  illegal"
    "               illegal illegal illegal illegal illegal illegal illegal illegal"
    "               given-up given-up given-up given-up given-up given-up",
    "revoked": "    = = = = = =  revoked revoked revoked revoked revoked revoked revoked = = = = = = =",
    "consent-in-error": "= = = = = =  revoked revoked revoked revoked revoked revoked revoked = = = = = = =",
    "narrowed": "   = = = = = =  revoked revoked revoked revoked revoked revoked revoked = = = = = = =",
    "stopped": "    unknown unknown unknown unknown unknown unknown"
    "               revoked revoked revoked revoked revoked revoked revoked = = = = = = illegal",
    "erased": "     = = = = = =  erased erased erased erased erased erased erased = = = = = = =",
}
CODES = {
    "exists": "already-exists",
    "illegal": "illegal-transition",
    "missing": "unknown-subject",
    "unknown": "unknown-subject",
}
_CONSENTING = frozenset({"sender", "client"})
#: What speaks of an offer: to a stranger there is none.
OF_OFFER = frozenset({"stopped"})
#: Who may say it wherever the need stands.
MAY: dict[Said, frozenset[str]] = {
    **dict.fromkeys(("requested", "handed-off", "drafted", "sent", "discarded", "closed"), frozenset({"sender"})),
    **dict.fromkeys(("revoked", "consent-in-error", "narrowed", "stopped"), _CONSENTING),
    "erased": frozenset({"clock", "vault"}),
}
#: What whoever serves the person may say, though somebody else registered them.
SERVING = frozenset({"requested", "handed-off", "revoked", "consent-in-error", "narrowed", "stopped"})


class Shape(NamedTuple):
    """How a need stands: its offers and drafts, whether it was given up, and whether it went outside."""

    offers: tuple[Stand, ...] = ()
    drafts: tuple[str, ...] = ()
    closed: bool = False
    outside: bool = False


_BARE: dict[Bare, Shape | None] = {
    "nothing": None,
    "stated": Shape(),
    "draft": Shape(drafts=("draft",)),
    "thrown": Shape(drafts=("entered-in-error",)),
    "given-up": Shape(closed=True),
    "outside": Shape(outside=True),
}


def shape(place: Place) -> Shape | None:
    """Return how the need stands there; None where none was stated."""
    return Shape(offers=(place,)) if isinstance(place, Stand) else _BARE[place]


def cell(said: Said, place: Place) -> str:
    return EXPECTED[said].split()[PLACES.index(place)]


def refused(said: Said, actor: str, place: Place) -> str | None:
    """Return the code of the refusal; None where it is applied."""
    found = cell(said, place)
    may = actor in MAY[said] or (actor == "recipient" and said in SERVING and place in SERVED)
    if found == "unknown" or (actor == "stranger" and said in OF_OFFER):
        return CODES["unknown"]
    return CODES.get(found) if may else "not-permitted"


def after(said: Said, place: Place) -> Shape | None:
    """Return how the need stands once it was applied."""
    before = shape(place)
    match cell(said, place):
        case "stated":
            return Shape()
        case "outside":
            return Shape(outside=True)
        case "sent":
            return Shape(offers=(Stand("requested", "sent"),))
        case "revoked":
            return Shape(offers=(Stand("cancelled", "consent-revoked"),))
        case "erased":
            return Shape(offers=(Stand("cancelled", "client-erased"),))
        case "drafted" if before is not None:
            return before._replace(drafts=("draft",))
        case "discarded" if before is not None:
            return before._replace(drafts=("entered-in-error",))
        case "given-up" if before is not None:
            return before._replace(closed=True)
        case _:
            return before
