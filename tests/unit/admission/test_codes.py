"""Every code by which admission turns rows away is shown by a test, and every code it uses is in the table."""

import re
from pathlib import Path

from events.codes import CODES, By
from services.vault.errors import SealInvalid, TextUnfit

ROOT = Path(__file__).parents[3]
OURS = {code for code, meaning in CODES.items() if meaning.by is By.ADMISSION}


def texts(*folders: str) -> str:
    files = (file for folder in folders for file in (ROOT / folder).rglob("*.py") if file != Path(__file__))
    return "\n".join(file.read_text("utf-8") for file in files)


def test_every_code_is_shown_by_a_test() -> None:
    shown = set(re.findall(r'"([a-z0-9-]+)"', texts("tests/unit/admission", "tests/integration/admission")))
    assert OURS - shown == set()


def test_every_code_that_is_used_is_in_the_table() -> None:
    used = set(re.findall(r'(?:TurnedAway|Problem)\(\s*"([a-z-]+)"', texts("services/admission")))
    assert used - OURS == set()
    assert {SealInvalid.code, TextUnfit.code} <= OURS


def test_every_code_of_the_table_is_used() -> None:
    said = set(re.findall(r'"([a-z-]+)"', texts("services/admission", "services/vault")))
    assert OURS - said == set()
