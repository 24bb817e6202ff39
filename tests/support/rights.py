"""Who may do what, as it was settled before anything was built: the rows word by word, and which actions they speak of.

`A`: that it happens is published first.  `2`: a second person is needed.  `a · b` answers a row's two actions in order.
What is kept in code is held against this, and never against itself.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import NamedTuple

from services.gateway.access import Action, Reach
from services.gateway.principal import Kind

SYSTEM, STAFF, COORDINATOR, REGISTRAR = Kind.PARTNER_SYSTEM, Kind.STAFF, Kind.COORDINATOR, Kind.REGISTRAR
COLUMNS = (SYSTEM, STAFF, COORDINATOR, REGISTRAR, Kind.LINK, Kind.CLIENT, Kind.AUDITOR, Kind.OPERATOR, Kind.PUBLIC)
NOT = "-"
POST, CONSENT, PARTNERS = "case event: post", "consent: grant, narrow, revoke", "partner, role, policy events"
STATUS, SEALED, CLIENT = "referral status, timeline", "sealed text: open", "client: alias · link, erase"
FIGURES, FEED, TOKENS = "live figures, as-of, explain", "feed, SSE, webhook", "tokens"
OPERATING = "rebuild, parked, topics, backup"
#: The rows of what is built.
PAGE: Mapping[str, str] = MappingProxyType(
    {
        POST: "own source | own | - | - | that offer | own link | - | - | -",
        CONSENT: "alias holder | alias holder | - | - | - | own | - | - | -",
        STATUS: "P | P A | named by consent, not protected, A | - | that offer A | own A | export | - | -",
        SEALED: "scoped, P A | P A | as above | - | after code A | own A | - | break-glass 2 A | -",
        CLIENT: "✔ · ask | ✔ · ask | - · approve 2 | - · approve 2 | - | - · ask | - | - · run | -",
        PARTNERS: "own profile, services, capacity | same | - | ✔, coordinator role 2 | - | - | - | - | -",
        FIGURES: "own | own | whole, by agreement, A | analyst | - | - | scoped | - | -",
        FEED: "own | own | own | own | - | - | - | health | -",
        TOKENS: "- | own partner's admin | - | ✔ | - | - | - | revoke | -",
        OPERATING: "- | - | - | - | - | - | - | ✔ | -",
    }
)


class Place(NamedTuple):
    """Where an action stands: in which row, in which part of its cells, and in which words where not in all."""

    row: str
    part: int = 0
    words: tuple[str, ...] = ()


#: What each action of the page is there; one may stand in several rows.
ON_PAGE: Mapping[Action, tuple[Place, ...]] = MappingProxyType(
    {
        Action.EVENT_POST: (Place(POST), Place(CONSENT), Place(PARTNERS)),
        Action.REFERRAL_READ: (Place(STATUS, words=("P", "named", "that offer", "own")),),
        # Whoever has a link has one thing, and no file of it.
        Action.REFERRAL_EXPORT: (Place(STATUS, words=("P", "named", "export")),),
        Action.SEALED_OPEN: (Place(SEALED),),
        Action.CLIENT_ALIAS: (Place(CLIENT),),
        Action.CLIENT_LINK: (Place(CLIENT, 1, ("ask",)),),
        # The second approval links: nobody runs anything besides.
        Action.CLIENT_LINK_DECIDE: (Place(CLIENT, 1, ("approve",)),),
        Action.CLIENT_ERASE: (Place(CLIENT, 1),),
        Action.LOOPS_READ: (Place(FIGURES),),
        # How feeds are is on the operator's own pages, with how everything else is.
        Action.FEED_READ: (Place(FEED, words=("own",)),),
        Action.TOKEN_MANAGE: (Place(TOKENS),),
        Action.OPERATE: (Place(OPERATING),),
    }
)
#: Of what the page does not speak.
BESIDE: Mapping[Action, Collection[Kind]] = MappingProxyType(
    {
        Action.DISCLOSURE_READ: {SYSTEM, STAFF},
        Action.SEALED_MAKE: {SYSTEM, STAFF},
        Action.DIRECTORY_READ: {SYSTEM, STAFF, COORDINATOR, REGISTRAR},
        Action.DEPARTED_READ: {REGISTRAR},
        Action.CODES_READ: set(Kind),
        Action.INBOX_READ: {SYSTEM, STAFF},
        Action.SESSION_MANAGE: {STAFF, COORDINATOR, REGISTRAR, Kind.AUDITOR},
        Action.LINK_MAKE: {SYSTEM, STAFF},
        Action.ADDRESS_SET: {SYSTEM, STAFF},
        Action.APPROVAL: {REGISTRAR},
    }
)
#: How far the words of a cell reach, the first that fits; a tick says nothing of it.
REACHES: tuple[tuple[str, Reach], ...] = (
    ("own", Reach.OWN),
    ("alias holder", Reach.OWN),
    ("same", Reach.OWN),
    ("that offer", Reach.OFFER),
    ("after code", Reach.OFFER),
    ("P", Reach.PARTICIPANT),
    ("scoped, P", Reach.PARTICIPANT),
    # A partner's auditor is its own: of what that takes part in.
    ("export", Reach.PARTICIPANT),
    ("scoped", Reach.OWN),
    ("named by consent", Reach.NAMED),
    ("break-glass", Reach.ALL),
    ("ask", Reach.ASK),
    ("approve", Reach.APPROVE),
    ("run", Reach.RUN),
    ("whole", Reach.ALL),
    ("analyst", Reach.ANALYST),
    ("revoke", Reach.REVOKE),
)


def cells(action: Action, kind: Kind) -> list[str]:
    """Return what the page says of this action in this column, one cell for each row that speaks of it."""
    found = (_cell(place, kind) for place in ON_PAGE[action])
    return [each for each in found if each != NOT]


def _cell(place: Place, kind: Kind) -> str:
    column = COLUMNS.index(kind)
    if PAGE[place.row].split(" | ")[column] == "as above":
        above = list(PAGE)[list(PAGE).index(place.row) - 1]
        return _cell(Place(above, place.part, place.words), kind)
    said = PAGE[place.row].split(" | ")[column].split(" · ")
    cell = said[min(place.part, len(said) - 1)]
    return cell if not place.words or cell.startswith(place.words) else NOT


def may(action: Action, kind: Kind) -> bool:
    """Say whether the caller may do this at all."""
    return bool(cells(action, kind)) if action in ON_PAGE else kind in BESIDE[action]


def reach(cell: str) -> Reach | None:
    """Return how far a cell reaches, None where it does not say."""
    return next((found for words, found in REACHES if cell.startswith(words)), None)
