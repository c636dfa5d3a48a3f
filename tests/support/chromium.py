"""A real Chromium without a window, driven over its debugging pipe: no driver package, no network port.

Every request of the page and its workers is recorded, and no name but our own address resolves.
Protocol: Chrome DevTools Protocol; messages are JSON, each ended by a zero byte.
"""

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ANSWER_TIMEOUT_S = 30.0
_POLL_S = 0.1
_OPTIONS = (
    "--headless=new",
    "--no-sandbox",  # tests may run as root in a container; only our own page is loaded
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-pipe",
)
# The browser wants its pipe as descriptors 3 and 4; both ends first go where nothing is in their way.
_EXEC_WITH_PIPE = """
import fcntl, os, sys
reads, writes = (fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3])
os.dup2(reads, 3)
os.dup2(writes, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


def find_chromium() -> str | None:
    """Return the program's path, None where there is none."""
    return next((path for path in map(shutil.which, _NAMES) if path), None)


class Page:
    """One tab. `requests` are the URLs that it and its workers asked for, `exceptions` what its scripts threw."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to_browser, self._from_browser = to_browser, from_browser
        self._buffer = b""
        self._number = 0
        self.requests: list[str] = []
        self.exceptions: list[str] = []
        target = self._call("Target.createTarget", {"url": "about:blank"})["targetId"]
        attached = self._call("Target.attachToTarget", {"targetId": target, "flatten": True})
        self._session = attached["sessionId"]
        self._listen_to(self._session)
        self._call("Page.enable", session=self._session)

    def open(self, url: str) -> None:
        """Go to `url`, without waiting for anything of it."""
        self._call("Page.navigate", {"url": url}, session=self._session)

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression."""
        answer = self._call(
            "Runtime.evaluate", {"expression": expression, "returnByValue": True}, session=self._session
        )
        return answer["result"].get("value")

    def wait_for(self, expression: str, *, timeout_s: float = 60.0) -> Any:
        """Return the value of an expression as soon as it is true; fail after `timeout_s` seconds."""
        deadline = time.monotonic() + timeout_s
        while not (value := self.evaluate(expression)):
            assert time.monotonic() < deadline, f"never true: {expression}; the page threw {self.exceptions}"
            select.select([], [], [], _POLL_S)
        return value

    def _listen_to(self, session: str) -> None:
        for method in ("Network.enable", "Runtime.enable"):
            self._send(method, {}, session)
        attach = {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": True}
        self._send("Target.setAutoAttach", attach, session)

    def _call(self, method: str, parameters: dict[str, Any] | None = None, session: str | None = None) -> Any:
        number = self._send(method, parameters or {}, session)
        deadline = time.monotonic() + _ANSWER_TIMEOUT_S
        while True:
            message = self._read(deadline)
            if message.get("id") == number:
                assert "error" not in message, message["error"]
                return message["result"]
            self._note(message)

    def _send(self, method: str, parameters: dict[str, Any], session: str | None) -> int:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        os.write(self._to_browser, json.dumps(message).encode() + b"\0")
        return self._number

    def _read(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            readable, _, _ = select.select(
                [self._from_browser], [], [], max(0.0, deadline - time.monotonic())
            )
            assert readable, "the browser does not answer"
            chunk = os.read(self._from_browser, 1 << 20)
            assert chunk, "the browser has gone"
            self._buffer += chunk
        text, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message

    def _note(self, message: dict[str, Any]) -> None:
        parameters = message.get("params", {})
        match message.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(parameters["request"]["url"])
            case "Runtime.exceptionThrown":
                self.exceptions.append(json.dumps(parameters["exceptionDetails"]))
            case "Target.attachedToTarget":
                self._listen_to(parameters["sessionId"])
            case _:
                pass


@contextmanager
def chromium_page(program: str, profile: Path) -> Iterator[Page]:
    """Run a browser with its profile in `profile`, and give its one page."""
    child_reads, we_write = os.pipe()
    we_read, child_writes = os.pipe()
    command = [program, *_OPTIONS, f"--user-data-dir={profile}", "about:blank"]
    with subprocess.Popen(
        [sys.executable, "-c", _EXEC_WITH_PIPE, str(child_reads), str(child_writes), *command],
        pass_fds=(child_reads, child_writes),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as browser:
        os.close(child_reads)
        os.close(child_writes)
        try:
            yield Page(we_write, we_read)
        finally:
            os.close(we_write)
            os.close(we_read)
            browser.terminate()
