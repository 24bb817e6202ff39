"""PostgreSQL on a socket that only its owner can reach."""

from collections.abc import Callable
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGQUIT
from typing import Literal

from services.ops.errors import PostgresFailed, WrongVersion
from services.ops.local import account, cluster, probe, socketdir
from services.ops.local.daemon import Daemon
from services.ops.local.folder import ensure, open_log
from services.ops.local.polling import holds
from services.ops.local.tail import last_lines

START_S = 60.0
STOP_S = 30.0
MARKER = "PG_VERSION"

#: How to stop: roll back and write everything out; leave at once and recover later; be killed.
Mode = Literal["fast", "immediate", "kill"]
_SIGNALS = {"fast": SIGINT, "immediate": SIGQUIT, "kill": SIGKILL}


class Postgres:
    """The embedded database server of one data folder; it keeps its address over restarts."""

    name = "postgres"

    def __init__(self, home: Path) -> None:
        self.home = home.absolute()
        self.folder = self.home / "postgres"
        self.data = self.folder / "data"
        self.sockets = socketdir.choose(self.folder)
        self.daemon = Daemon(self.folder / "pid")

    @property
    def uri(self) -> str:
        """The address as libpq writes it, naming the database and the role."""
        return f"postgresql://{cluster.NAME}@/{cluster.NAME}?host={self.sockets}"

    def running(self) -> bool:
        """Whether its process lives."""
        return self.daemon.running()

    def answers(self) -> bool:
        """Whether it answers a query."""
        return self.running() and probe.postgres(self.uri)

    def start(self, report: Callable[[str], None] = lambda _: None) -> str:
        """Start the server unless it runs; return its address once it answers.

        Raises HomeDamaged, WrongVersion or PostgresFailed.
        """
        if self.running() and self._came_up():
            return self.uri
        report("starting PostgreSQL")
        self._prepare()
        log = open_log(self.home, "postgres")
        self.daemon.start(cluster.command(self.data, self.sockets), log, cluster.ENVIRONMENT)
        if not self._came_up():
            self.daemon.stop(SIGINT, STOP_S)
            raise PostgresFailed(f"no answer; {last_lines(log)}")
        return self.uri

    def stop(self, mode: Mode = "fast") -> None:
        """Stop the server; nothing happens when it does not run.

        Raises PostgresFailed when it cannot be stopped.
        """
        if not self.daemon.stop(_SIGNALS[mode], STOP_S):
            raise PostgresFailed("it cannot be stopped")

    def restart(self, mode: Mode = "fast") -> str:
        """Stop and start; return the address, the same as before."""
        self.stop(mode)
        return self.start()

    def _came_up(self) -> bool:
        """Wait until the server answers, or until its process has ended."""
        holds(lambda: self.answers() or not self.running(), START_S)
        return self.answers()

    def _prepare(self) -> None:
        for folder in (self.home, self.folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        account.hand_over(self.folder)
        self._check_version()
        ensure(self.data, MARKER, cluster.create)
        cluster.admit_owner(self.data)
        socketdir.create(self.sockets)
        # Our own lock shows that no process of this server is left; its pid files would stop the
        # start if another program carried the same number by now.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        (self.sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def _check_version(self) -> None:
        try:
            written = (self.data / MARKER).read_text().strip()
        except FileNotFoundError:
            return
        if written != cluster.MAJOR:
            raise WrongVersion(f"PostgreSQL {written}, this is {cluster.MAJOR}")
