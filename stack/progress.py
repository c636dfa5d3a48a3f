"""What a person reads while it works, and when it is done."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

from stack.settings import ROOT, ROUTER, StackSettings
from stack.studio import Studio

_FIRST_QUERY = (
    '{"query": "{ products(first: 3, filter: {search: \\"editor\\"}) '
    '{ totalCount nodes { name price { amount currency } } } }"}'
)
_DEMO_PEOPLE = (
    ("customer", "demo@marketplace.test", "demo-password-1"),
    ("admin", "admin@marketplace.test", "admin-password-1"),
)


def say(line: str = "") -> None:
    """Print a line at once, also into a pipe."""
    print(line, flush=True)


@contextmanager
def step(doing: str) -> Iterator[None]:
    """Print `doing`, and how long it took when it is done; a failure leaves the line open."""
    begin = time.monotonic()
    print(f"  {doing} ...", end="", flush=True)
    try:
        yield
    except BaseException:
        say(" no")
        raise
    say(f" {time.monotonic() - begin:.1f} s")


def tell_table(settings: StackSettings, *, databases: str, studio: Studio) -> None:
    """Print what runs where; `databases` says where those are."""
    graph = graph_url(settings)
    rows = [
        ("GraphQL", graph),
        ("GraphiQL", f"the same address in a browser ({tell_studio(studio)})"),
        *((name, f"http://localhost:{settings.ports[name]}") for name in settings.ports),
        ("Postgres", databases),
        ("logs", _short(str(settings.logs))),
    ]
    say("\nThe marketplace is running. Ctrl-C stops it.\n")
    for name, where in rows:
        say(f"  {name:<10} {where}")
    if settings.profile == "development":
        say()
        for role, email, password in _DEMO_PEOPLE:
            say(f"  {'demo ' + role:<14} {email:<24} {password}")
    say("\nA first query:\n")
    say(f"  curl -s {graph} -H 'Content-Type: application/json' \\\n    -d '{_FIRST_QUERY}'\n")


def graph_url(settings: StackSettings) -> str:
    """Return the URL that clients use."""
    return f"http://localhost:{settings.ports[ROUTER]}/graphql"


def tell_studio(studio: Studio) -> str:
    """Say in words how far GraphiQL is."""
    if studio.fault is not None:
        return f"not there, the rest runs: {studio.fault}"
    return "ready" if studio.is_ready else "being built"


def tell_server(database_url: str) -> str:
    """Say where a database's server is, without its password: host and port, or the socket's directory."""
    parts = urlsplit(database_url)
    if parts.hostname:
        return f"{parts.hostname}:{parts.port or 5432}"
    return _short(parse_qs(parts.query).get("host", ["on this machine"])[0])


def _short(path: str) -> str:
    return path.removeprefix(f"{ROOT}/")
