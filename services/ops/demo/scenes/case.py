"""The one client whose way the scenes follow: invented, and known to the sender by a number of its own."""

from dataclasses import dataclass

from services.ops.demo.scenes.browser import Browser
from services.ops.demo.scenes.desk import Desk, Offered

#: What is sealed about her; who may read it is what the scenes show.
DETAILS = "Marisol Quiroga, 555-0142"
NOTE = "Sleeps in her car with a daughter of six."


@dataclass
class Case:
    """Her case, as far as it has come."""

    sender: Desk
    own: str = "own:case-1"
    #: The bed that was asked for, and the food.
    bed: Offered | None = None
    food: Offered | None = None
    #: Her own page, once she opened it.
    page: Browser | None = None

    @property
    def asked(self) -> Offered:
        """Return what was asked for first."""
        if self.bed is None:
            raise LookupError("nothing was asked for yet")
        return self.bed
