"""Child processes that never outlive the launcher, and stop in the order they must."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(sig: int) -> Callable[[], None]:
    """For preexec_fn: the kernel sends `sig` when the parent is gone, even after its kill -9.

    Runs after the change of user, which would clear the setting. Elsewhere than on Linux the
    watchman alone does this work.
    """
    parent = os.getpid()

    def prepare() -> None:
        if _LIBC is not None:
            _LIBC.prctl(PR_SET_PDEATHSIG, sig, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def spawn(
    command: list[str],
    *,
    env: dict[str, str],
    log: Path | None,
    user: pwd.struct_passwd | None = None,
    cwd: Path | None = None,
    on_parent_death: int = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Starts a server in its own process group (terminal Ctrl-C does not reach it).

    log: file its output is added to; None shows it in this terminal.
    user: account to run as when we are root.
    """
    output = open(log, "ab") if log else None  # noqa: SIM115
    try:
        return subprocess.Popen(
            command,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=True,
            preexec_fn=die_with_parent(on_parent_death),  # noqa: PLW1509
            **as_user(user),  # type: ignore[call-overload]
        )
    finally:
        if output:
            output.close()


def as_user(user: pwd.struct_passwd | None) -> dict[str, object]:
    """Arguments for subprocess that drop root to `user`; empty when we stay who we are."""
    if user is None:
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def group_alive(pgid: int) -> bool:
    """True while any process of the group runs; a zombie nobody reaps does not count."""
    try:
        os.killpg(pgid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return sys.platform != "linux" or any(_running_members(pgid))


def stop_group(pgid: int, sig: int, patience: float) -> None:
    """Sends `sig` to the leader, waits up to `patience` seconds, then kills the whole group."""
    with contextlib.suppress(ProcessLookupError):  # the leader may be gone, its children not
        os.kill(pgid, sig)
    wait_until(lambda: not group_alive(pgid), patience)
    if group_alive(pgid):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pgid, signal.SIGKILL)
        wait_until(lambda: not group_alive(pgid), 2)


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """True as soon as the condition holds, False when the time is over."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _running_members(pgid: int) -> list[int]:
    members = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # "pid (name) state ppid pgrp": the name may hold spaces, so split after it.
            state, _ppid, group = stat.read_text().rpartition(")")[2].split()[:3]
        except (OSError, ValueError):
            continue
        if int(group) == pgid and state not in "ZX":
            members.append(int(stat.parent.name))
    return members
