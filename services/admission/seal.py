"""Text about a person is sealed for the one place it stands in, before it leaves the house."""

from collections.abc import Iterable, Sequence

from events.fields import Sealed
from events.spoken import OWN
from services.admission.caller import Caller
from services.admission.context import Draft
from services.admission.places import Spot, texts
from services.admission.problem import TurnedAway
from services.vault.errors import SealInvalid, TextUnfit
from services.vault.sealing import DataKey, SealPlace, seal, unmasked
from services.vault.vault import Vault


def sealed_for_nobody(drafts: Iterable[Draft]) -> dict[int, TurnedAway]:
    """Return by row what came sealed for a client who has no id yet: nothing can have been sealed for them."""
    unknown = (draft for draft in drafts if draft.record.startswith(OWN))
    came = ((draft, spot) for draft in unknown for spot in texts(draft.type, draft.parsed.data))
    return {d.row: TurnedAway(SealInvalid.code, spot.pointer) for d, spot in came if not isinstance(spot.value, str)}


async def seal_all(vault: Vault, caller: Caller, drafts: Iterable[Draft], *, dry_run: bool) -> dict[int, TurnedAway]:
    """Seal the drafts' texts in place, and name the key of what came sealed; return by row those that do not hold.

    One person's key is asked for once, all of them together.  A dry run makes no keys.
    """
    spoken = [(draft, spots) for draft in drafts if (spots := texts(draft.type, draft.parsed.data))]
    if not spoken:
        return {}
    owners = {draft.record for draft, _ in spoken}
    keys = await (vault.rehearsed if dry_run else vault.keys)(caller.initiative, owners)
    failed: dict[int, TurnedAway] = {}
    for draft, spots in spoken:
        away = _seal(keys.get(draft.record), caller, draft, spots)
        if away is not None:
            failed[draft.row] = away
    return failed


def _seal(key: DataKey | None, caller: Caller, draft: Draft, spots: Sequence[Spot]) -> TurnedAway | None:
    if key is None:
        # The person is erased: nobody has a name for them any more.
        return TurnedAway("not-found", "/client")
    for spot in spots:
        place = SealPlace(caller.initiative, draft.record, caller.source, draft.id, draft.type, spot.pointer)
        try:
            _put(key, place, spot)
        except (SealInvalid, TextUnfit) as unfit:
            return TurnedAway(unfit.code, spot.pointer)
    return None


def _put(key: DataKey, place: SealPlace, spot: Spot) -> None:
    if isinstance(spot.value, str):
        spot.put(seal(key, place, spot.value).model_dump())
    else:
        spot.put(unmasked(key, place, Sealed.model_validate(spot.value)).model_dump())
