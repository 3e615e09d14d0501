"""
Start a program that cannot outlive the process that started it: `python -I -S tether.py <signal> <parent>
<user> -- program …`.

On Linux the kernel sends <signal> when the parent dies, even by kill -9 (PR_SET_PDEATHSIG); elsewhere
nothing happens and the next start ends what was left. The setting is cleared by a change of user, so the
change is made here, before it. Runs without site-packages and imports nothing of ours, because it is on the
path of every start.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent(death_signal: int, parent_pid: int) -> None:
    """
    Ask the kernel to send *death_signal* to this process when its parent ends; exit now if it already has.

    The parent is the *thread* that forked, so whoever starts children does it from a thread that lives as
    long as they do.
    """
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent_pid:
        sys.exit(0)


def become(user: int) -> None:
    """Give up root for good and be *user*, with the group of the same number and no others."""
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)


def main(arguments: list[str]) -> None:
    """Become the program after `--`; does not return."""
    death_signal, parent_pid, user = (int(value) for value in arguments[:3])
    program = arguments[4:]
    ctypes.CDLL(None)  # loaded while this user may still read the interpreter's folder
    if user >= 0:
        become(user)
    die_with_parent(death_signal, parent_pid)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.execv(program[0], program)  # noqa: S606  the point of this file


if __name__ == "__main__":
    main(sys.argv[1:])
