"""Programs from npm that tests compare ours with; they are installed when a test first asks, into a folder git ignores."""

import fcntl
import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_INSTALL_TIMEOUT_S = 300
_RUN_TIMEOUT_S = 300


def install_npm(folder: Path) -> str | None:
    """Make sure that the packages that `folder/package.json` names are there; gives why they cannot be had, or None.

    Several test processes may ask at once: one installs, the others wait. What is there counts only when all of it is.
    """
    npm = shutil.which("npm")
    if npm is None:
        return "there is no npm here"
    wanted = (folder / "package.json").read_text()
    modules = folder / "node_modules"
    modules.mkdir(exist_ok=True)
    stamp = modules / ".installed"
    with (modules / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == wanted:
            return None
        command = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"]
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=_INSTALL_TIMEOUT_S, check=False
        )
        if done.returncode != 0:
            return f"npm install failed: {done.stderr[-300:]}"
        stamp.write_text(wanted)
    return None


def ask_node(script: Path, questions: Sequence[Any], *, is_crash_an_answer: bool = False) -> list[Any]:
    """Run a script that reads JSON values a line and answers each with one; the answers in order.

    Native code can take the process down with it: the question that it died of is answered by None if that is allowed,
    and the rest is asked of another process.
    """
    node = shutil.which("node")
    assert node is not None
    answers: list[Any] = []
    while len(answers) < len(questions):
        done = subprocess.run(
            [node, script.name],
            cwd=script.parent,
            input="".join(f"{json.dumps(question)}\n" for question in questions[len(answers) :]),
            capture_output=True,
            text=True,
            timeout=_RUN_TIMEOUT_S,
            check=False,
        )
        answers += [json.loads(line) for line in done.stdout.splitlines()]
        if done.returncode == 0:
            break
        assert is_crash_an_answer, done.stderr[-2000:]
        answers.append(None)
    return answers
