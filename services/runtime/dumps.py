"""A process's memory stays its own: what holds keys and text in clear is written into no core dump."""

import ctypes
import os
import resource
import sys

#: Of Linux: whether the kernel may write the process's memory out, and others of the same user may look into it.
PR_SET_DUMPABLE = 4


def keep_out_of_dumps() -> None:
    """Forbid core dumps of this process, and on Linux others of its user to look into it.

    Both, as a limit of 0 keeps no kernel from handing the memory to a program that gathers dumps.  Raises OSError
    where the platform has the means and refuses them.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux" and ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
