"""What a child of the supervisor does first."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with(supervisor_pid: int) -> None:
    """Have Linux end this process when the supervisor ends, even by kill -9."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != supervisor_pid:  # it ended before we could ask
        sys.exit(1)
