"""The databases of the five subgraphs: given by URL, or on a Postgres of ours, running already or started for the occasion."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from stack import progress
from stack.databases import Tenant, check_reachable, ensure_tenants
from stack.environment import Environments
from stack.keys import Keys, read_or_make_keys
from stack.lock import find_launcher, only_launcher
from stack.postgres import PostgresServer
from stack.settings import SUBGRAPHS, StackSettings


def build_server(settings: StackSettings) -> PostgresServer:
    """Our own Postgres, not started."""
    return PostgresServer(settings.data / "postgres", log=settings.logs / "postgres.log")


def start_postgres(settings: StackSettings, running: ExitStack) -> PostgresServer:
    """Start our own Postgres until `running` is closed."""
    settings.logs.mkdir(parents=True, exist_ok=True, mode=0o700)
    server = build_server(settings)
    with progress.step("Postgres"):
        running.enter_context(server)
    return server


def make_databases(server: PostgresServer, keys: Keys) -> dict[str, str]:
    """Make what is missing of databases and roles; gives the URLs by subgraph."""
    asyncio.run(ensure_tenants(server.url("postgres"), _tenants(keys)))
    return _urls(server, keys)


def check_databases(urls: Mapping[str, str]) -> None:
    """Connect to each database once.

    Raises:
        StackError: one does not let us in.
    """
    asyncio.run(check_reachable({f"{name.upper()}_DATABASE_URL": url for name, url in urls.items()}))


@contextmanager
def reached_databases(
    settings: StackSettings, environment: Mapping[str, str]
) -> Iterator[tuple[Environments, PostgresServer | None]]:
    """The environments with the databases' URLs, and our server if it was started for this block alone.

    A marketplace that runs meanwhile goes on; one that would start has to wait.

    Raises:
        StackError: the databases cannot be reached.
    """
    with ExitStack() as running:
        keys = read_or_make_keys(settings.data / "secrets", environment)
        server = None
        if settings.database_urls:
            urls = dict(settings.database_urls)
        elif find_launcher(settings.data) is not None:
            urls = _urls(build_server(settings), keys)
        else:
            running.enter_context(only_launcher(settings.data))
            server = start_postgres(settings, running)
            urls = make_databases(server, keys)
        check_databases(urls)
        yield Environments(environment, settings, keys, urls), server


def _tenants(keys: Keys) -> dict[str, Tenant]:
    return {name: Tenant(f"{name}_db", name, keys.database_password(name)) for name in SUBGRAPHS}


def _urls(server: PostgresServer, keys: Keys) -> dict[str, str]:
    return {
        name: server.url(tenant.database, tenant.role, tenant.password)
        for name, tenant in _tenants(keys).items()
    }
