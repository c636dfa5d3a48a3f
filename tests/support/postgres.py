"""One real Postgres for a whole test run, and databases on it.

The server lives in a temporary directory of its own: `make up` and its data are never touched. Under xdist
the controller starts it and tells the workers its address; without xdist the first test that needs it does.
It ends with the run, also by kill -9. Its fsync is off: tests on crashes start their own `PostgresServer`.
"""

import asyncio
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no type information
import pytest

from stack.databases import Tenant, ensure_tenants
from stack.postgres import PostgresServer

DatabaseUrl = Callable[[str], str]

_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "400"}
_ADDRESS = "postgres_admin_url"

CLOSING_S_MAX = 5.0


@dataclass
class _Run:
    """What this pytest process knows about the run's server."""

    home: Path | None = None
    server: PostgresServer | None = None
    admin_url: str = ""
    fault: Exception | None = None
    databases: dict[str, str] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)

    def start(self) -> str:
        """Start the server on first use; a fault is raised again at each use, so that every test tells it."""
        if not self.admin_url and self.fault is None:
            self.home = Path(tempfile.mkdtemp(prefix="marketplace-test-"))
            # mkdtemp is closed to everybody else, also to the account that Postgres runs as.
            self.home.chmod(0o711)
            self.server = PostgresServer(self.home / "pg", settings=_SETTINGS)
            try:
                self.server.start()
                self.admin_url = self.server.url("postgres")
            except Exception as error:  # noqa: BLE001  whatever it is, the tests that need the server tell it
                self.fault = error
        if self.fault is not None:
            raise self.fault
        return self.admin_url

    def stop(self) -> None:
        if self.server is not None:
            self.server.stop()
            shutil.rmtree(self.server.home, ignore_errors=True)
        if self.home is not None:
            shutil.rmtree(self.home, ignore_errors=True)


_run_key = pytest.StashKey[_Run]()


def pytest_configure(config: pytest.Config) -> None:
    run = config.stash[_run_key] = _Run()
    if is_worker(config):
        run.admin_url = config.workerinput[_ADDRESS]  # type: ignore[attr-defined]  # xdist adds it


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker where the server is; it inherits nothing else from the controller."""
    run = node.config.stash[_run_key]
    try:
        node.workerinput[_ADDRESS] = run.start()
    except Exception:  # noqa: BLE001  the worker's tests that need the server start one and tell the fault
        node.workerinput[_ADDRESS] = ""


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_run_key].stop()


def is_worker(config: pytest.Config) -> bool:
    """Tell whether this process is an xdist worker, not the controller and not a run without xdist."""
    return hasattr(config, "workerinput")


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> DatabaseUrl:
    """Give `postgres_url("auth")`: a database of this worker under that name, empty at first, kept for the run.

    Its role of the same name owns it and can connect to no other. Migrate it once in a session fixture.
    """
    run = request.config.stash[_run_key]

    def url(name: str) -> str:
        if name not in run.databases:
            run.databases[name] = _create(run, name)
        return run.databases[name]

    return url


@pytest.fixture
def fresh_postgres_url(request: pytest.FixtureRequest) -> Iterator[DatabaseUrl]:
    """Give `fresh_postgres_url("auth")`: a new empty database at each call, dropped after the test."""
    run = request.config.stash[_run_key]
    made: list[str] = []

    def url(name: str) -> str:
        made.append(_create(run, name))
        return made[-1]

    yield url
    for address in made:
        _drop(run, address)


def _create(run: _Run, name: str) -> str:
    admin_url = run.start()
    unique = f"{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{next(run.numbers)}"
    tenant = Tenant(database=unique, role=unique, password=secrets.token_hex(8))
    _wait_for(ensure_tenants(admin_url, {name: tenant}))
    return re.sub(r"//.*@/\w+\?", f"//{unique}:{tenant.password}@/{unique}?", admin_url)


def _drop(run: _Run, url: str) -> None:
    unique = re.search(r"//(\w+):", url)
    assert unique is not None

    async def drop() -> None:
        connection = await asyncpg.connect(run.admin_url)
        try:
            await connection.execute(f'DROP DATABASE "{unique[1]}" WITH (FORCE)')
            await connection.execute(f'DROP ROLE "{unique[1]}"')
        finally:
            await connection.close()

    _wait_for(drop())


def _wait_for(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end in a thread: the caller's own thread may have a running loop."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


async def let_go_of_connections() -> None:
    """Wait for what still closes connections that a test has cut off: it would end with the event loop, and leave them open."""
    closing = [
        task
        for task in asyncio.all_tasks()
        if "asyncpg" in getattr(getattr(task.get_coro(), "cr_code", None), "co_filename", "")
    ]
    if closing:
        await asyncio.wait(closing, timeout=CLOSING_S_MAX)
