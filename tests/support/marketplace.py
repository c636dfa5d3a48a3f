"""The whole marketplace as a client sees it: one launcher in its own process, HTTP to the router."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support.ports import free_ports

_NAMES = ("router", "auth", "products", "orders", "payments", "users")
_READY = "  curl -s "  # the end of the table
_STOP_TIMEOUT_S = 60
_REQUEST_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Marketplace:
    """A running marketplace: where it listens, the process that started it, the words that it said."""

    ports: Mapping[str, int]
    data: Path
    launcher: "subprocess.Popen[str]"
    output: str
    client: httpx.Client

    def url(self, name: str = "router") -> str:
        """Return the GraphQL endpoint of the router or of one subgraph."""
        return f"http://127.0.0.1:{self.ports[name]}/graphql"

    def post(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        *,
        token: str | None = None,
        to: str = "router",
    ) -> Any:
        """Send an operation; gives the whole response, `data` and `errors`, as it came."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        body = {"query": document, "variables": dict(variables or {})}
        return self.client.post(self.url(to), json=body, headers=headers).json()

    def ask(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        *,
        token: str | None = None,
        to: str = "router",
    ) -> Any:
        """Send an operation that must succeed; gives its `data`."""
        response = self.post(document, variables, token=token, to=to)
        assert "errors" not in response, response["errors"]
        return response["data"]

    def log_in(self, email: str, password: str) -> str:
        """Give an access token."""
        document = """
            mutation LogIn($email: String!, $password: String!) {
              login(input: { email: $email, password: $password }) {
                tokens { accessToken }
                errors { ... on UserError { message code } }
              }
            }
        """
        payload = self.ask(document, {"email": email, "password": password})["login"]
        assert payload["errors"] == []
        token: str = payload["tokens"]["accessToken"]
        return token


def launcher_environment(data: Path, ports: Mapping[str, int]) -> dict[str, str]:
    """Build the environment of a launcher that touches nothing of `make up`."""
    ours = {f"{name.upper()}_PORT": str(port) for name, port in ports.items()}
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_DATABASE_URL")}
    return {**kept, **ours, "MARKETPLACE_DATA_DIR": str(data), "MARKETPLACE_PROFILE": "development"}


def choose_ports() -> dict[str, int]:
    """Choose a free port for each service."""
    return dict(zip(_NAMES, free_ports(len(_NAMES)), strict=True))


@contextmanager
def running_marketplace(data: Path, ports: Mapping[str, int] | None = None) -> Iterator[Marketplace]:
    """Start a marketplace with its data in `data`; stop it as Ctrl-C does, and check that it ends well."""
    ports = ports or choose_ports()
    with start_launcher(data, ports) as launcher:
        try:
            output = read_until_ready(launcher)
            with httpx.Client(timeout=_REQUEST_TIMEOUT_S) as client:
                yield Marketplace(ports, data, launcher, output, client)
        finally:
            if launcher.poll() is None:
                launcher.send_signal(signal.SIGINT)
            launcher.communicate(timeout=_STOP_TIMEOUT_S)
    assert launcher.returncode in {0, -signal.SIGKILL}


def start_launcher(data: Path, ports: Mapping[str, int]) -> "subprocess.Popen[str]":
    """Start `python -m stack up`; what it says and its faults go into one pipe."""
    return subprocess.Popen(
        [sys.executable, "-m", "stack", "up", "--no-studio", "--end-with-parent"],
        env=launcher_environment(data, ports),
        cwd=Path(__file__).resolve().parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read_until_ready(launcher: "subprocess.Popen[str]") -> str:
    """Read what a launcher says until all is up; the launcher has deadlines of its own, so this ends."""
    assert launcher.stdout is not None
    said = []
    for line in launcher.stdout:
        said.append(line)
        if line.startswith(_READY):
            return "".join(said)
    raise AssertionError("the marketplace did not start:\n" + "".join(said))
