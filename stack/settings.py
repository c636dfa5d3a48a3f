"""What the stack runs with: directories, ports, databases. From the environment and `.env`; nothing is global."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stack.errors import StackError

ROOT = Path(__file__).resolve().parent.parent
ROUTER = "router"
# Name and default port, in the order in which they are told.
SUBGRAPHS: Mapping[str, int] = {
    "auth": 3001,
    "products": 3002,
    "orders": 3003,
    "payments": 3004,
    "users": 3005,
}
# Started only where payments is told to use it and given no other: PAYMENTS_GATEWAY=sandbox.
PROVIDER = "provider"
_PROVIDER_PORT = 3010
_PORTS: Mapping[str, int] = {ROUTER: 3000, **SUBGRAPHS}
_PORT_MAX = 65535
_ASSIGNMENT = re.compile(
    r"""^[ \t]*(?P<name>\w+)[ \t]*=[ \t]*(?:(?P<quote>["'])(?P<quoted>.*?)(?P=quote)|(?P<bare>[^\n]*?))[ \t]*$""",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class StackSettings:
    """Where everything is: `ports` by name (router, subgraphs, the sandbox payment provider if it runs too).

    `database_urls` is empty when our own Postgres is used.
    """

    data: Path
    host: str
    profile: str
    ports: Mapping[str, int]
    database_urls: Mapping[str, str]

    @property
    def logs(self) -> Path:
        """One file for each process, and the one before it as `.1`."""
        return self.data / "logs"

    def url(self, name: str) -> str:
        """Return the base URL, without a trailing slash, under which our own processes reach `name`."""
        return f"http://127.0.0.1:{self.ports[name]}"


def read_settings(environment: Mapping[str, str], data: Path | None = None) -> StackSettings:
    """Read the settings; `data` overrides the directory that MARKETPLACE_DATA_DIR names.

    Raises:
        StackError: a port is no port or used twice, or only some of the five database URLs are given.
    """
    ports = {name: _read_port(environment, name, default) for name, default in _PORTS.items()}
    if environment.get("PAYMENTS_GATEWAY") == "sandbox" and not environment.get("PAYMENTS_GATEWAY_URL"):
        ports[PROVIDER] = _read_port(environment, PROVIDER, _PROVIDER_PORT)
    twice = sorted({name for name, port in ports.items() if list(ports.values()).count(port) > 1})
    if twice:
        raise StackError(f"The same port is given to {' and '.join(twice)}.", "Give each its own *_PORT.")
    return StackSettings(
        data=(data or Path(environment.get("MARKETPLACE_DATA_DIR") or ROOT / ".data")).resolve(),
        host=environment.get("HOST") or "127.0.0.1",
        profile=environment.get("MARKETPLACE_PROFILE") or "development",
        ports=ports,
        database_urls=_read_database_urls(environment),
    )


def read_environment(file: Path = ROOT / ".env") -> dict[str, str]:
    """Return the process's environment over the `NAME=value` lines of `file`, if there is one.

    A value in quotes may span lines, as docker-compose reads it too; nothing is expanded.
    """
    text = file.read_text() if file.exists() else ""
    given = {match["name"]: match["quoted"] or match["bare"] or "" for match in _ASSIGNMENT.finditer(text)}
    return given | dict(os.environ)


def _read_port(environment: Mapping[str, str], name: str, default: int) -> int:
    variable = f"{name.upper()}_PORT"
    text = environment.get(variable) or str(default)
    if not text.isdecimal() or not 0 < int(text) <= _PORT_MAX:
        raise StackError(
            f"{variable}={text} is not a port.", f"Set {variable} to a number from 1 to {_PORT_MAX}."
        )
    return int(text)


def _read_database_urls(environment: Mapping[str, str]) -> dict[str, str]:
    variables = {name: f"{name.upper()}_DATABASE_URL" for name in SUBGRAPHS}
    given = {name: environment[variable] for name, variable in variables.items() if environment.get(variable)}
    missing = [variables[name] for name in SUBGRAPHS if name not in given]
    if given and missing:
        raise StackError(
            f"Some databases are given by URL, but not {', '.join(missing)}.",
            "Set all five *_DATABASE_URL variables to use your own Postgres, or none to use the packaged one.",
        )
    return given
