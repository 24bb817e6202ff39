"""A server process that outlives the command which started it."""

import fcntl
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from services.ops.local.lock import try_lock
from services.ops.local.polling import holds

SPAWN_S = 5.0
KILL_S = 10.0

# The outer shell leaves at once, so the server belongs to nobody's process tree; the inner one
# writes its own pid and then becomes the server, so no crash can part the two.
_DETACH = '"$@" &'
_BECOME = 'echo $$ >"$0"; exec "$@"'


class Daemon:
    """One server process, known by a pid file that it keeps locked for as long as it lives.

    The lock is inherited, so it says for certain whether the process (or a child it left behind)
    runs.  The number in the file is believed only while the lock is held: after a crash another
    program may carry the same pid, and must not be stopped in its place.
    """

    def __init__(self, pidfile: Path) -> None:
        self.pidfile = pidfile

    def start(self, command: Sequence[str], log: Path, environment: dict[str, str]) -> None:
        """Start `command` with its output appended to `log`; the caller has seen that nothing runs.

        Raises OSError when the pid file cannot be locked or the shell cannot be run.
        """
        file = os.open(self.pidfile, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if not holds(lambda: try_lock(file), SPAWN_S):
                raise BlockingIOError(f"{self.pidfile} is locked")
            os.ftruncate(file, 0)
            self._spawn(command, log, environment, file)
        finally:
            os.close(file)

    def _spawn(self, command: Sequence[str], log: Path, environment: dict[str, str], lock: int) -> None:
        inner = ["/bin/sh", "-c", _BECOME, str(self.pidfile), *command]
        with log.open("ab") as output:
            subprocess.run(
                ["/bin/sh", "-c", _DETACH, "sh", *inner],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                cwd=self.pidfile.parent,
                pass_fds=[lock],
                start_new_session=True,
                check=True,
            )

    def running(self) -> bool:
        """Whether the process, or a child it left behind, still lives."""
        try:
            file = os.open(self.pidfile, os.O_RDONLY)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(file)
        return False

    def pid(self) -> int | None:
        """Return the process id while the process runs, else None."""
        if not self.running() or not holds(self._written, SPAWN_S):
            return None
        return int(self.pidfile.read_text())

    def _written(self) -> bool:
        return self.pidfile.read_text().endswith("\n")

    def send(self, number: signal.Signals) -> None:
        """Send a signal if the process runs."""
        pid = self.pid()
        if pid is None:
            return
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return

    def stop(self, ask: signal.Signals, seconds: float) -> bool:
        """Ask the process to stop, kill it after `seconds`; return whether it is gone."""
        self.send(ask)
        if holds(lambda: not self.running(), seconds):
            return True
        self.send(signal.SIGKILL)
        return holds(lambda: not self.running(), KILL_S)
