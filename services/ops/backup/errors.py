"""What a backup or a restoration ends with."""

from services.runtime.errors import Fault


class BackupFault(Fault):
    """A copy could not be made, or nothing be brought back from it."""

    code = "backup"

    def __init__(self, detail: str) -> None:
        what = (type(self).__doc__ or "").splitlines()[0].rstrip(".")
        super().__init__(f"{what}: {detail}")


class BackupDamaged(BackupFault):
    """This backup is not what was written: something in it is missing, torn or changed."""

    code = "backup-damaged"
    hint = "Take an older backup with --number, or another copy of this one; nothing was restored from it."


class BackupForeign(BackupFault):
    """This folder holds the backup of another log, of another database or under other secrets."""

    code = "backup-foreign"
    hint = "Back up into an empty folder, and keep the older one: one of the two logs was cut or made anew."


class BackupMissing(BackupFault):
    """There is no such backup."""

    code = "backup-missing"
    hint = "`manyhands backup make` makes one; the message names what was looked for."


class LogDamaged(BackupFault):
    """The broker's own files hold a record that is not what the broker once wrote."""

    code = "log-damaged"
    hint = "Look after the disk first; the last good backup is the one before."


class LogElsewhere(BackupFault):
    """The brokers' files are not in this data folder, so they cannot be copied from here."""

    code = "log-elsewhere"
    hint = "Say --without-log, and keep copies of the brokers' own disks: see docs/how-to/backups.md."


class PlaceTaken(BackupFault):
    """What is to be restored is there already."""

    code = "place-taken"
    hint = "Restore into an empty MANYHANDS_HOME and an empty database: nothing is ever overwritten."


class SecretsBeside(BackupFault):
    """The secrets and what they open would lie in one folder."""

    code = "secrets-beside"
    hint = "Choose a folder elsewhere, best on another disk under another key: together they open everything."


class BackupRunning(BackupFault):
    """Another command is writing to this backup's folder."""

    code = "backup-running"
    hint = "Wait until it is done, then try again."
