"""What the vault refuses, and what an operator has to mend.  Messages hold names and numbers, never a secret."""

from services.runtime.errors import Fault


class VaultError(Exception):
    """The vault cannot do this; `code` stays the same over releases."""

    code = "vault"


class SealInvalid(VaultError):
    """The sealed text does not open in this place."""

    code = "seal-invalid"


class TextUnfit(VaultError):
    """The text is too long to be sealed, or is no Unicode text."""

    code = "invalid-value"


class KeyDestroyed(VaultError):
    """The key is destroyed: what it sealed is gone, and nothing is sealed under it again."""

    code = "key-destroyed"


class NotPermitted(VaultError):
    """No consent in force lets this reader see this text."""

    code = "not-authorised"


class VaultFault(VaultError, Fault):
    """The secrets or their database are not as they should be."""

    code = "vault-fault"


class SecretsUnsafe(VaultFault):
    """Others could read the secrets, or put theirs in their place."""

    code = "secrets-unsafe"
    hint = "The secrets folder needs mode 0700 and each of its files 0600: `chmod -R go=` sees to both."


class SecretsBroken(VaultFault):
    """A secrets file is cut short or is no key."""

    code = "secrets-broken"
    hint = "Restore the file from the backup of the secrets."


class SecretMissing(VaultFault):
    """A secrets file that this database needs is not there."""

    code = "secret-missing"
    hint = "Restore the secrets folder from its backup: a new key cannot stand in for a lost one."


class SecretsForeign(VaultFault):
    """The secrets are not the ones that this database was made with."""

    code = "secrets-foreign"
    hint = "Point MANYHANDS_HOME at the folder whose secrets belong to this database, or restore them."


class RotationRunning(VaultFault):
    """Another process is rotating the epoch key."""

    code = "rotation-running"
    hint = "Wait until it is done."


class SamePerson(VaultFault):
    """What takes two persons was tried by one."""

    code = "second-person-required"
    hint = "Somebody else has to approve it too."


class CertificateInvalid(VaultError):
    """The certificate was not signed with this key, or says something else now."""

    code = "certificate-invalid"
