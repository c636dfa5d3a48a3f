"""Child processes with a log each, that end with their launcher; and the waiting for them."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from stack.accounts import dying_with_us
from stack.errors import ChildFailedError
from stack.settings import ROOT

_POLL_S = 0.05
# Longer than a service gives its own requests under way.
_STOP_DEADLINE_S = 15.0
_TAIL_LINES = 15
_TAIL_BYTES = 8000


class Child:
    """A running program. Its output goes to `<logs>/<name>.log`; the log before it is kept as `.log.1`.

    It is killed when this process ends for whatever reason; start it from the main thread. `cwd` is the
    project's directory unless given.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str],
        logs: Path,
        cwd: Path = ROOT,
        stdout: Path | None = None,
    ) -> None:
        self.name = name
        self.log = logs / f"{name}.log"
        logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.log.exists():
            self.log.rename(self.log.with_suffix(".log.1"))
        with (
            self.log.open("wb") as log,
            (stdout or self.log).open("ab" if stdout is None else "wb") as output,
        ):
            self._process = subprocess.Popen(
                command,
                env=environment,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=log,
                # A terminal's Ctrl-C would reach the whole group: we stop the children, in our order.
                start_new_session=True,
                preexec_fn=dying_with_us(signal.SIGKILL),  # noqa: PLW1509  it is one system call, nothing that locks
            )

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        return self._process.poll()

    def ask_to_end(self) -> None:
        """Send SIGTERM, if it still runs."""
        if self.poll() is None:
            self._process.terminate()

    def end(self, deadline: float) -> None:
        """Wait for the end until `deadline` (monotonic seconds), then kill it with all that it has started."""
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def fault(self, doing: str) -> ChildFailedError:
        """Build the error that tells how it ended: `doing` is what it should have done."""
        return ChildFailedError(
            f"{self.name} {doing}: {_told(self.poll())}. Its last lines:\n{indent(tail(self.log))}",
            f"The whole log is {self.log}.",
        )


def stop_all(children: Iterable[Child]) -> None:
    """Ask all to end at once, then wait for each; what does not obey in time is killed."""
    children = list(children)
    for child in children:
        child.ask_to_end()
    deadline = time.monotonic() + _STOP_DEADLINE_S
    for child in children:
        child.end(deadline)


def finish_all(children: Sequence[Child], *, timeout_s: float) -> None:
    """Wait until all have ended well.

    Raises:
        ChildFailedError: one ended with another code than 0, or did not end in time; the rest is stopped.
    """
    running = list(children)

    def all_ended() -> bool:
        running[:] = [child for child in running if not _ended_well(child)]
        return not running

    try:
        wait_until(all_ended, running, timeout_s=timeout_s)
    finally:
        stop_all(children)


def wait_until(done: Callable[[], bool], slow: Sequence[Child], *, timeout_s: float) -> None:
    """Ask `done` again and again until it says True.

    Raises:
        ChildFailedError: after `timeout_s` seconds, naming those that are in `slow` by then.
    """
    deadline = time.monotonic() + timeout_s
    while not done():
        if time.monotonic() > deadline:
            names = ", ".join(child.name for child in slow)
            raise ChildFailedError(
                f"Not ready after {timeout_s:.0f} seconds: {names}.",
                f"Look into the logs: {', '.join(str(child.log) for child in slow)}.",
            )
        time.sleep(_POLL_S)


def _ended_well(child: Child) -> bool:
    code = child.poll()
    if code:
        raise child.fault("failed")
    return code == 0


def _told(code: int | None) -> str:
    if code is None:
        return "it still runs"
    return f"it ended with code {code}" if code >= 0 else f"it was ended by {signal.Signals(-code).name}"


def tail(log: Path) -> str:
    """Return the last lines of a log, or words for their absence."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
            lines = file.read().decode(errors="replace").strip().splitlines()[-_TAIL_LINES:]
    except OSError:
        lines = []
    return "\n".join(lines) or "(it said nothing)"


def indent(text: str) -> str:
    """Set `text` off by four spaces a line."""
    return "\n".join(f"    {line}" for line in text.splitlines())
