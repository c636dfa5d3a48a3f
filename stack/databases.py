"""Databases and roles on a server that we supervise: each role owns its one database and enters no other."""

from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg  # type: ignore[import-untyped]  # it ships no type information

from stack.errors import StackError

_CONNECT_TIMEOUT_S = 10.0
_FAULTS = (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError)


@dataclass(frozen=True, slots=True)
class Tenant:
    """One database and the role that owns it."""

    database: str
    role: str
    password: str


async def ensure_tenants(admin_url: str, tenants: Mapping[str, Tenant]) -> None:
    """Make what is missing of the databases and roles; a role's password is set in any case.

    Safe to repeat. The roles may install trusted extensions in their own database, and nothing else that
    a superuser may.

    Raises:
        StackError: the server does not let us in, or refuses.
    """
    try:
        connection = await asyncpg.connect(admin_url, timeout=_CONNECT_TIMEOUT_S)
        try:
            for tenant in tenants.values():
                await _ensure_tenant(connection, tenant)
        finally:
            await connection.close()
    except _FAULTS as error:
        raise StackError(
            f"The databases could not be made: {error or type(error).__name__}.",
            "See the log of Postgres; if the data are spoiled, `make reset` throws them away.",
        ) from error


async def check_reachable(urls: Mapping[str, str]) -> None:
    """Connect to each database once; `urls` by the name of the setting.

    Raises:
        StackError: the first that does not let us in, and why.
    """
    for setting, url in urls.items():
        try:
            connection = await asyncpg.connect(url, timeout=_CONNECT_TIMEOUT_S)
        except _FAULTS as error:
            raise StackError(
                f"The database of {setting} does not let us in: {error or type(error).__name__}.",
                "Check that it runs and that the URL is postgresql://role:password@host:port/database.",
            ) from error
        await connection.close()


async def _ensure_tenant(connection: asyncpg.Connection, tenant: Tenant) -> None:
    role, database = _quoted(tenant.role), _quoted(tenant.database)
    # Neither statement takes parameters; `format` of the server quotes the password.
    login = await connection.fetchval("SELECT format('LOGIN PASSWORD %L', $1::text)", tenant.password)
    known = await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", tenant.role)
    await connection.execute(f"{'ALTER' if known else 'CREATE'} ROLE {role} {login}")
    if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", tenant.database):
        await connection.execute(f"CREATE DATABASE {database} OWNER {role}")
    await connection.execute(f"REVOKE CONNECT, TEMPORARY ON DATABASE {database} FROM PUBLIC")


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
