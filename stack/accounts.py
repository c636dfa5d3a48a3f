"""Whose rights a child process has, and its promise to end with us.

Postgres refuses to run as root. Where we are root, it runs as `postgres` or else `nobody`; both exist on
every Linux that we know, so no account is ever created.
"""

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

_PR_SET_PDEATHSIG = 1


class PopenAccount(TypedDict, total=False):
    """The arguments of `subprocess.Popen` that change the child's account."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """An operating-system account that a child shall have instead of ours."""

    name: str
    uid: int
    gid: int

    def own(self, path: Path) -> None:
        """Give `path` itself, never its parents nor its content, to this account."""
        os.chown(path, self.uid, self.gid)


def find_unprivileged_account() -> Account | None:
    """Return the account for a program that refuses root; None means: our own will do."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        entry = pwd.getpwnam("nobody")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def as_account(account: Account | None) -> PopenAccount:
    """Spell an account as arguments of `Popen`; None leaves ours."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def dying_with_us(how: signal.Signals, parent: int | None = None) -> Callable[[], None]:
    """Build a `preexec_fn` after which the child gets the signal `how` when we end, even by kill -9.

    Called by a process itself, with its `parent`'s id, it makes that process end with its parent.

    Linux sends it when the *thread* that started the child ends: start children from the main thread only.
    It must run after setuid, which would clear the wish; `Popen` calls `preexec_fn` after it. Other systems
    have no such wish: there a launcher that is killed with -9 leaves its children.
    """
    if sys.platform != "linux":
        return lambda: None
    # Loaded here, in the parent: between fork and exec only the bare call is safe.
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    expected = os.getpid() if parent is None else parent

    def wish() -> None:
        prctl(_PR_SET_PDEATHSIG, int(how))
        if os.getppid() != expected:  # it ended between fork and the wish
            os._exit(1)

    return wish
