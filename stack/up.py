"""`python -m stack up`: the recipe from nothing to a running marketplace, and its orderly end."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from typing import NoReturn

from stack import progress
from stack.cluster import check_databases, make_databases, start_postgres
from stack.environment import Environments
from stack.errors import PostgresFailedError
from stack.keys import read_or_make_keys
from stack.lock import only_launcher
from stack.ports import check_ports_free
from stack.postgres import PostgresServer
from stack.prepare import Preparation
from stack.processes import finish_all, stop_all, tail
from stack.services import Services
from stack.settings import StackSettings
from stack.studio import Studio
from stack.supergraph import Composition

_COMPOSE_TIMEOUT_S = 60.0
_WATCH_S = 0.2


def up(settings: StackSettings, environment: Mapping[str, str], *, has_studio: bool = True) -> NoReturn:
    """Start everything, tell where it is, and watch it until somebody ends us (KeyboardInterrupt).

    Without `has_studio` GraphiQL is served as it is, and not built.

    Raises:
        StackError: something did not start, or ended while it should run. Everything is stopped then.
    """
    with only_launcher(settings.data), ExitStack() as running:
        check_ports_free(settings.host, settings.ports)
        progress.say("Starting the marketplace")
        keys = read_or_make_keys(settings.data / "secrets", environment)
        postgres = None if settings.database_urls else start_postgres(settings, running)
        urls = settings.database_urls if postgres is None else make_databases(postgres, keys)
        check_databases(urls)
        environments = Environments(environment, settings, keys, urls)
        studio = Studio(environments.of_router(), settings.logs, is_wanted=has_studio)
        running.callback(studio.stop)
        _prepare(settings, environments, postgres)
        services = running.enter_context(Services(settings, environments))
        with progress.step("Subgraphs and router"):
            services.start()
        databases = ", ".join(sorted({progress.tell_server(url) for url in urls.values()}))
        progress.tell_table(settings, databases=databases, studio=studio)
        _watch(services, postgres, studio)


def _prepare(settings: StackSettings, environments: Environments, postgres: PostgresServer | None) -> None:
    """Bring tables, demo data and supergraph up to date; the supergraph is composed meanwhile."""
    preparation = Preparation(settings, environments, postgres.home if postgres is not None else None)
    composition = Composition(settings, environments)
    compose = composition.start()
    try:
        if preparation.pending:
            with progress.step("Tables"):
                preparation.run("migrate")
            with progress.step("Demo data"):
                preparation.run("seed")
            preparation.remember()
        if compose is not None:
            with progress.step("Supergraph"):
                finish_all([compose], timeout_s=_COMPOSE_TIMEOUT_S)
            composition.keep()
    finally:
        stop_all([compose] if compose is not None else [])


def _watch(services: Services, postgres: PostgresServer | None, studio: Studio) -> NoReturn:
    """Look after all until one of them ends, which is an error whatever its exit code."""
    while True:
        services.check()
        if postgres is not None and (code := postgres.poll()) is not None:
            raise PostgresFailedError(
                f"Postgres ended with code {code}. Its last lines:\n{tail(postgres.log)}",
                "The data are safe: start again.",
            )
        if studio.advance():
            progress.say(f"GraphiQL: {progress.tell_studio(studio)}")
        time.sleep(_WATCH_S)
