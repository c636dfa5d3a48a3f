"""Migrations, run by the code that needs them: no alembic.ini, no command of its own."""

from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from subgraphs.common.database import build_async_url

LOCK_KEY = 7_263_001
"""Key of the advisory lock under which a database is migrated: the second of two at once waits, then finds it done."""


async def migrate(url: str, migrations: Path) -> None:
    """Bring the database at `url` to the newest revision in the folder `migrations`; does nothing when it is there."""
    engine = create_async_engine(build_async_url(url), poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
            await connection.run_sync(_upgrade, migrations)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, migrations: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations.parent))
    config.set_main_option("version_locations", str(migrations))
    config.set_main_option("path_separator", "newline")
    script = ScriptDirectory.from_config(config)
    context = EnvironmentContext(
        config,
        script,
        fn=lambda revision, _: script._upgrade_revs("head", revision),  # noqa: SLF001 -- as alembic.command.upgrade does
    )
    context.configure(connection=connection, target_metadata=None, transaction_per_migration=False)
    context.run_migrations()
