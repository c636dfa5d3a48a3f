"""Files as they were at a git ref, read without touching the working tree."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from router.config.problems import ConfigurationError

_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class GitRef:
    """A commit of the repository whose working tree is at `root`; `name` is what the user calls it."""

    name: str
    root: Path
    commit: str

    def read(self, path: Path) -> str:
        """The text of a file at that commit; relative paths count from the current folder.

        Raises:
            OSError: it is not there.
            UnicodeDecodeError: it is not UTF-8.
        """
        inside = Path(os.path.relpath(path.absolute(), self.root))
        done = _git(self.root, "show", f"{self.commit}:{inside.as_posix()}")
        if done.returncode != 0:
            raise FileNotFoundError(f"{path} is not there at {self.name}")
        return done.stdout.decode("utf-8")


def find_ref(folder: Path, name: str) -> GitRef:
    """A branch, tag or commit of the repository that a folder is in.

    Raises:
        ConfigurationError: there is none of that name, or no repository, or no git.
    """
    top = _git(folder, "rev-parse", "--show-toplevel")
    if top.returncode != 0:
        raise ConfigurationError([f"{name}: is no file, and no git ref can be looked up: {_why(top)}"])
    found = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if found.returncode != 0:
        advice = "fetch it first; actions/checkout needs `fetch-depth: 0`"
        raise ConfigurationError([f"{name}: is neither a file nor a git ref that is known here: {advice}"])
    root = Path(top.stdout.decode().rstrip("\n"))
    return GitRef(name, root, found.stdout.decode().strip())


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = ["git", "-C", str(folder), *arguments]
    try:
        # A ref is one argument whatever is in it, and no shell reads it.
        return subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S, check=False)  # noqa: S603
    except FileNotFoundError as error:
        raise ConfigurationError(["there is no git here, and --against names no file"]) from error
    except subprocess.TimeoutExpired as error:
        raise ConfigurationError([f"git does not answer within {_TIMEOUT_S:g} s"]) from error


def _why(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stderr.decode(errors="replace").strip().removeprefix("fatal: ").partition("\n")[0]
