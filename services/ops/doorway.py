"""The HTTP door of the example initiative: where it is, and tokens and people for whoever tries it out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import orjson

from services.gateway.access import Action
from services.gateway.people.persons import Persons
from services.gateway.store import Keep
from services.gateway.tokens import Holder, Tokens
from services.ops.secret import write_secret
from services.ops.stage import Stage
from services.runtime.roles import Role
from services.runtime.store import migrated

#: A file that a shell can read, for its owner's eyes only.
FILE = "tokens.env"
LIFE = timedelta(days=30)
SENDER, RECIPIENT = "alder-clinic", "alder-shelter"
#: Addresses by which somebody signs in; the domain belongs to nobody.
STAFF, REGISTRAR = "staff@alder-clinic.example", "registrar@riverbend-together.example"


@dataclass(frozen=True)
class Doorway:
    """Where the API answers, and the file with the tokens, if any were issued."""

    url: str
    tokens: Path | None


async def opened(stage: Stage, initiative: str, backbone: tuple[str, str] | None) -> Doorway:
    """Return the door of a running stage; `backbone` is the partner and its registrar, and None issues no tokens."""
    url = address(stage)
    if backbone is None:
        return Doorway(url, None)
    scopes = frozenset(each.value for each in Action)
    holders = {
        "SENDER": Holder(initiative, SENDER, None, scopes),
        "RECIPIENT": Holder(initiative, RECIPIENT, None, scopes),
        "BACKBONE": Holder(initiative, *backbone, scopes),
    }
    await _let_in(stage, initiative, backbone)
    return Doorway(url, await _issued(stage, url, holders))


async def _let_in(stage: Stage, initiative: str, backbone: tuple[str, str]) -> None:
    """Let somebody of the sender and the registrar sign in, unless they may already."""
    async with migrated(stage.settings.postgres, role=Role.OPERATOR, application="manyhands-up", size=1) as pool:
        persons = Persons(Keep(pool))
        partner, registrar = backbone
        await persons.add(str(uuid4()), initiative, SENDER, STAFF)
        await persons.add(registrar, initiative, partner, REGISTRAR)


def address(stage: Stage) -> str:
    """Return where the stage's gateway answers."""
    pid = stage.processors["gateway"].pid
    announced = orjson.loads((stage.settings.home / "run" / f"gateway-{pid}.json").read_bytes())
    return f"http://{stage.settings.gateway_host}:{announced['api']}"


async def _issued(stage: Stage, url: str, holders: Mapping[str, Holder]) -> Path:
    """Issue a token to each, in the place of those from the last time."""
    path = stage.settings.home / FILE
    before = _prefixes(path)
    path.unlink(missing_ok=True)
    async with migrated(stage.settings.postgres, role=Role.OPERATOR, application="manyhands-up", size=1) as pool:
        tokens = Tokens(Keep(pool))
        for prefix in before:
            await tokens.revoke(prefix)
        texts = {name: (await tokens.issue(holder, LIFE)).text for name, holder in holders.items()}
    lines = [f"MANYHANDS_URL={url}", *(f"{name}={text}" for name, text in texts.items())]
    write_secret(path, "\n".join(lines) + "\n")
    return path


def _prefixes(path: Path) -> list[str]:
    if not path.exists():
        return []
    texts = (line.partition("=")[2] for line in path.read_text("utf-8").splitlines())
    return [text.split("_")[1] for text in texts if text.startswith("mh_") and text.count("_") >= 2]
