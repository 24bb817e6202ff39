"""What a look at a server may end with."""

from services.runtime.errors import Fault


class ClockAstray(Fault):
    """A server's clock and this machine's do not agree."""

    code = "clock-astray"
    hint = "Keep the clocks of all machines by one time service, such as chrony."


class LocksLost(Fault):
    """A lock taken on a connection does not keep another connection out."""

    code = "locks-lost"
    hint = "Reach PostgreSQL itself, or through a pooler that keeps one server connection a session."
