"""Personal-data keys and client ids: mint, seal, open, erase.

vault = Vault(pool, Secrets(home / "secrets"))
clients = await vault.mint(initiative, partner, ["own:4711"])
keys = await vault.keys(initiative, clients.values())
sealed = seal(keys[client], SealPlace(initiative, client, source, event_id, type, "/data/details"), text)
"""

from services.vault.errors import KeyDestroyed, NotPermitted, SealInvalid, TextUnfit, VaultError, VaultFault
from services.vault.sealing import DataKey, SealPlace, seal, unseal
from services.vault.secrets import Secrets
from services.vault.vault import Vault

__all__ = [
    "DataKey",
    "KeyDestroyed",
    "NotPermitted",
    "SealInvalid",
    "SealPlace",
    "Secrets",
    "TextUnfit",
    "Vault",
    "VaultError",
    "VaultFault",
    "seal",
    "unseal",
]
