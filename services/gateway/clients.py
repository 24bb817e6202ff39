"""A partner's own names for the people it works with."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from events.fields import HASH_PATTERN
from services.gateway.access import Action
from services.gateway.accounting import PURPOSE, Shown, account
from services.gateway.auth import may
from services.gateway.manual import problems
from services.gateway.parts import parts_of
from services.gateway.principal import Principal
from services.gateway.problems import ProblemError
from services.gateway.speaking import speaker

router = APIRouter(tags=["clients"])
#: What is shown by a match: that somebody else knows this person, by the same tokens.
MATCHED = ("matched",)
OWN_PATTERN = r"^own:[!-~]([ -~]{0,126}[!-~])?$"


class Named(BaseModel):
    """A person, by the caller's own id for them."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    client: str = Field(pattern=OWN_PATTERN, examples=["own:4711"])


class Alias(BaseModel):
    """The caller's alias for a person: random, and worth nothing to anybody else."""

    alias: str = Field(examples=["fd8a4908-6483-4330-aecc-0c158f07100a"])


class Tokens(Named):
    """A person, and tokens made of what is known of them by a key that partners share and the house does not have."""

    tokens: list[Annotated[str, Field(pattern=HASH_PATTERN)]] = Field(
        min_length=1, max_length=10, description="Each 64 hexadecimal digits."
    )


class Resolved(Alias):
    """The caller's alias for a person, and whether they are one whom another partner knows by the same tokens."""

    matched: bool


@router.post("/clients", operation_id="nameClient", responses=problems(401, 403))
async def name(request: Request, who: Annotated[Principal, Depends(may(Action.CLIENT_ALIAS))], named: Named) -> Alias:
    """Give an alias for one of the caller's own ids, the same one each time.

    The answer is no other for a person whom others know already, and nothing is published.
    """
    parts = parts_of(request)
    caller = speaker(parts, who)
    scope = (caller.initiative, caller.partner)
    [client] = (await parts.vault.mint(*scope, [named.client])).values()
    aliases = await parts.vault.aliases(*scope, [client], grant=True)
    return Alias(alias=aliases[client])


@router.post("/clients/resolve", operation_id="resolveClient", responses=problems(401, 403))
async def resolve(
    request: Request, who: Annotated[Principal, Depends(may(Action.CLIENT_ALIAS))], tokens: Tokens
) -> Resolved:
    """Find the person whom others know by the same tokens, where the initiative's policy lets partners do so.

    One person alone must be known by all of the tokens, and nobody else by any of them. An own id that has an alias
    keeps the person that it names. A match is put on record as a disclosure before it is told.
    """
    parts = parts_of(request)
    caller = speaker(parts, who)
    if not parts.admission.standing(caller.initiative).matching:
        raise ProblemError(403, "matching-not-allowed")
    scope = (caller.initiative, caller.partner)

    async def disclosed(client: str) -> None:
        await account(parts, who, [Shown(client, client, MATCHED, PURPOSE)])

    client, matched = await parts.vault.match(scope, tokens.client, tokens.tokens, disclosed)
    aliases = await parts.vault.aliases(*scope, [client], grant=True)
    return Resolved(alias=aliases[client], matched=matched)
