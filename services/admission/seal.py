"""Text about a person is sealed for the one place it stands in, before it leaves the house."""

from collections.abc import Iterable

from events.fields import Sealed
from services.admission.caller import Caller
from services.admission.context import Draft
from services.admission.places import Spot, texts
from services.admission.problem import TurnedAway
from services.vault.errors import VaultError, VaultFault
from services.vault.sealing import SealPlace, seal, unseal
from services.vault.vault import Vault


async def seal_all(vault: Vault, caller: Caller, drafts: Iterable[Draft]) -> dict[int, TurnedAway]:
    """Seal the drafts' texts in place, and check what came sealed; return by row those that do not hold.

    One person's key is asked for once, all of them together.
    """
    spoken = [(draft, spots) for draft in drafts if (spots := texts(draft.type, draft.parsed.data))]
    if not spoken:
        return {}
    keys = await vault.keys(caller.initiative, [draft.record for draft, _ in spoken])
    failed: dict[int, TurnedAway] = {}
    for draft, spots in spoken:
        key = keys.get(draft.record)
        if key is None:
            # The person is erased: nobody has a name for them any more.
            failed[draft.row] = TurnedAway("not-found", "/client")
            continue
        try:
            for spot in spots:
                where = _place(caller, draft, spot)
                if isinstance(spot.value, str):
                    spot.put(seal(key, where, spot.value).model_dump())
                else:
                    unseal(key, where, Sealed.model_validate(spot.value))
        except VaultFault:
            raise
        except VaultError as error:
            failed[draft.row] = TurnedAway(error.code, spot.pointer)
    return failed


def _place(caller: Caller, draft: Draft, spot: Spot) -> SealPlace:
    return SealPlace(caller.initiative, draft.record, caller.source, draft.id, draft.type, spot.pointer)
