"""The command line of every subgraph: serve, migrate, seed, export-schema."""

import argparse
import asyncio
import logging
import os
import re
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from sqlalchemy.exc import DBAPIError

from subgraphs.common.demo.scope import Scope, build_bulk_scope, read_demo_scope
from subgraphs.common.errors import UnavailableError
from subgraphs.common.migrate import migrate
from subgraphs.common.pagination import sign_cursors_with
from subgraphs.common.schema import SubgraphSchema
from subgraphs.common.settings import CommonSettings, SettingsError, read_settings
from subgraphs.common.web import BODY_BYTES_MAX

STOP_AFTER_S = 10
"""How long requests under way may take once the process was told to stop."""
FAILURE = 1
USAGE_ERROR = 2
_NO_ENTRY = re.compile("28|3D|42501")
"""SQLSTATEs of a wrong password, of a database that is not there, and of one where this role may not do this."""


@dataclass(frozen=True, slots=True)
class Subgraph:
    """What the command line needs of one subgraph."""

    name: str
    migrations: Path
    schema: SubgraphSchema
    create_app: Callable[[CommonSettings, Mapping[str, str]], FastAPI]
    seed: Callable[[CommonSettings, Mapping[str, str], Scope], Awaitable[None]]


def run(subgraph: Subgraph) -> int:
    """Run the command in `sys.argv`; gives the exit code: 0 done, 1 no database, 2 wrong use or unusable settings."""
    arguments = _build_parser(subgraph.name).parse_args()
    if arguments.command == "export-schema":
        sys.stdout.write(subgraph.schema.as_str().rstrip() + "\n")
        return 0
    try:
        # A subgraph's own settings are read by its create_app and seed, and refused in the same way.
        _run_command(subgraph, arguments, read_settings(subgraph.name, os.environ))
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 -- a command line
        return USAGE_ERROR
    except (OSError, UnavailableError, DBAPIError) as error:
        if isinstance(error, DBAPIError) and not _NO_ENTRY.match(getattr(error.orig, "sqlstate", None) or ""):
            raise
        what = f"the database of {subgraph.name.upper()}_DATABASE_URL cannot be used"
        print(f"{subgraph.name}: {what}: {getattr(error, 'orig', error)}", file=sys.stderr)  # noqa: T201
        return FAILURE
    return 0


def _run_command(subgraph: Subgraph, arguments: argparse.Namespace, settings: CommonSettings) -> None:
    command = arguments.command
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    sign_cursors_with(settings.internal_secret)
    if command == "migrate":
        asyncio.run(migrate(settings.database_url, subgraph.migrations))
    elif command == "seed":
        asyncio.run(_run_seed(subgraph, settings, read_demo_scope(os.environ)))
    elif command == "bulk":
        asyncio.run(_run_seed(subgraph, settings, build_bulk_scope(arguments.orders, os.environ)))
    else:
        uvicorn.run(
            subgraph.create_app(settings, os.environ),
            host=settings.host,
            port=settings.port,
            log_level=settings.log_level,
            access_log=False,
            loop="uvloop",
            http="httptools",
            timeout_graceful_shutdown=STOP_AFTER_S,
            ws="websockets-sansio",
            ws_max_size=BODY_BYTES_MAX,
            # What a message says is bounded, so what it may unfold to must not be another matter.
            ws_per_message_deflate=False,
            server_header=False,
        )


async def _run_seed(subgraph: Subgraph, settings: CommonSettings, scope: Scope) -> None:
    await subgraph.seed(settings, os.environ, scope)


def _build_parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m subgraphs.{name}", description=f"The {name} subgraph.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="answer GraphQL requests until told to stop")
    commands.add_parser("migrate", help="bring the database to the newest schema")
    commands.add_parser("seed", help="load the demo data; safe to repeat")
    bulk = commands.add_parser("bulk", help="load this subgraph's part of very many orders; safe to repeat")
    bulk.add_argument("--orders", type=int, required=True, help="how many orders the whole story has")
    commands.add_parser("export-schema", help="print the SDL; needs no settings and no database")
    return parser
