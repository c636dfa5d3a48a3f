"""The files that a running router is made from, and making it again when they change."""

import asyncio
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from graphql import GraphQLError

from router.app import build_server
from router.config.problems import ConfigurationError
from router.config.router_yaml import RouterConfig, apply_development, read_router_yaml
from router.config.supergraph_url import SupergraphUrls
from router.config.text_file import expecting_utf8
from router.kit.garbage import collection_paused
from router.server.asgi import RouterApp
from router.server.http import HttpServer
from router.supergraph.errors import SupergraphError
from router.supergraph.model import Supergraph

logger = logging.getLogger(__name__)

COMPOSE_TIMEOUT_S = 120.0

TURN_S = 0.0005
"""What a reload takes from requests at a time; Python's own turns are ten times as long."""

FIXED = {
    "health_check.listen": "health.listen",
    "limits.http1_max_request_buf_size": "connection.head_bytes_max",
    "limits.http1_max_request_headers": "connection.headers_max",
    "server.http.header_read_timeout": "connection.head_timeout_s",
    "supergraph.listen": "listen",
    "supergraph.shutdown_delay": "shutdown.delay_s",
    "tls.supergraph": "tls",
}
"""Options of the sockets and of the process, and where `ServerOptions` has each: they hold from the start of a process."""

SETTLED_S = 0.05
"""A file that has not changed for so long is complete."""

EMPTY_S = 1.0
"""And one that is empty for so long is meant to be: between emptying and writing a file a busy machine may do other things."""

SETTLING_S_MAX = 2.0
"""And one that never stands still is read as it is."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The files that a running router is made from.

    Attributes:
        supergraph: a composed supergraph; or
        supergraph_urls: from where one is fetched; or
        supergraph_config: a `supergraph.yaml`, composed at the start and at each reload.
        config: a `router.yaml`; None for Apollo Router's defaults.
        is_development: what `--dev` shows.
        is_composed_elsewhere: whether composition has a process of its own. Subgraphs that are asked for their schemas
            leave threads behind, and a process with threads cannot be forked safely.
    """

    supergraph: Path | None = None
    supergraph_config: Path | None = None
    config: Path | None = None
    is_development: bool = False
    is_composed_elsewhere: bool = False
    supergraph_urls: SupergraphUrls | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """What a change of calls for a reload."""
        given = [each for each in (self.supergraph, self.supergraph_config, self.config) if each is not None]
        if self.supergraph_config is not None:
            # What composes is not for those who serve what is composed.
            from router.config.supergraph_yaml import find_schema_files  # noqa: PLC0415

            given += find_schema_files(self.supergraph_config)
        return tuple(given)

    def find_files_of(self, config: RouterConfig) -> tuple[Path, ...]:
        """The same with the files that the configuration names and wants to be looked at."""
        persisted = config.pipeline.persisted
        manifests = persisted.manifests if persisted.is_enabled and persisted.is_hot_reloaded else ()
        return (*self.files, *manifests)

    def read_config(self) -> RouterConfig:
        """The configuration as the file says it now.

        Raises:
            ConfigurationError: it is not understood.
            OSError: it cannot be read.
        """
        text = read_settled(self.config) if self.config is not None else ""
        config = read_router_yaml(text, os.environ)
        return apply_development(config) if self.is_development else config

    def read_supergraph(self) -> Supergraph:
        """The supergraph as the files say it now.

        Raises:
            ConfigurationError: it does not compose, or is none.
            OSError: a file cannot be read.
        """
        return parse_supergraph(self.read_sdl())

    def read_sdl(self) -> str:
        """Its text, which others may take long to give.

        Raises:
            ConfigurationError: it does not compose, or cannot be had.
            OSError: a file cannot be read.
        """
        if self.supergraph is not None:
            return read_settled(self.supergraph)
        if self.supergraph_urls is not None:
            return self.supergraph_urls.fetch()
        assert self.supergraph_config is not None, "one of the three is given"
        return (compose_elsewhere if self.is_composed_elsewhere else compose_here)(self.supergraph_config)


def parse_supergraph(sdl: str) -> Supergraph:
    """The supergraph that a text says.

    Raises:
        ConfigurationError: it is none.
    """
    try:
        return Supergraph.read(sdl)
    except (SupergraphError, GraphQLError) as error:
        raise ConfigurationError([f"the supergraph cannot be used: {error}"]) from error


class Reloader:
    """Builds a new server from changed files, and keeps the last good one if that fails."""

    def __init__(self, app: RouterApp, sources: Sources) -> None:
        self._app = app
        self._sources = sources
        self._begun_with = app.options

    async def reload(self) -> None:
        """Read all files again and swap; never raises for what is in them."""
        with _giving_way():
            server = await asyncio.to_thread(rebuild, self._sources)
        if server is not None:
            plans = await self._app.warm_up(server)
            self._app.swap(server)
            for name, place in FIXED.items():
                if attrgetter(place)(server.options) != attrgetter(place)(self._begun_with):
                    logger.warning("%s has changed, and holds from the next start of the process", name)
            logger.info("reloaded, with %d plans made again", plans)


@contextmanager
def _giving_way() -> Iterator[None]:
    """Threads that compute take short turns: the one that serves waits for its turn at each read and write of a request."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def rebuild(sources: Sources) -> HttpServer | None:
    """A server from the files as they are now; None if there is none to be had, for a reason that is logged."""
    try:
        return build_from(sources)
    except (ConfigurationError, OSError) as error:
        logger.error("reload refused, the router goes on as before: %s", error)  # noqa: TRY400 -- no fault of ours
    except Exception:
        logger.exception("reload failed, the router goes on as before")
    return None


def build_from(sources: Sources) -> HttpServer:
    """A server from files.

    Raises:
        ConfigurationError: something in the files is not understood.
        OSError: a file cannot be read.
    """
    config = sources.read_config()
    log_warnings(config)
    return build_with(config, sources)


def build_with(config: RouterConfig, sources: Sources) -> HttpServer:
    """The same with a configuration that has been read.

    Raises:
        ConfigurationError: the supergraph is none, or does not fit.
        OSError: a file cannot be read.
    """
    sdl = sources.read_sdl()
    # The collector would walk what is forgotten in the end. It runs while others are waited for, as requests leave work for it.
    with collection_paused():
        supergraph = parse_supergraph(sdl)
        server = build_server(supergraph, config)
        supergraph.forget_syntax()
    return server


def read_settled(path: Path) -> str:
    """The text of a file that nobody is just writing.

    Who writes a file mostly empties it first, and an empty configuration is a good one: it would be served for as long as
    it takes to notice the next change.

    Raises:
        OSError: it cannot be read.
        ConfigurationError: it is not UTF-8.
    """
    begun_at = time.monotonic()
    while True:
        before = path.stat()
        content = path.read_bytes()
        after = path.stat()
        is_same = (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size)
        # The file's clock may be a little ahead of ours; one that stands elsewhere must not keep us.
        age_s = time.time() - after.st_mtime
        is_settled = is_same and not -EMPTY_S <= age_s < SETTLED_S
        passed_s = time.monotonic() - begun_at
        # Not every file system says when a file was emptied, so that is watched by our own clock.
        if (is_settled and (content or passed_s >= EMPTY_S)) or passed_s >= SETTLING_S_MAX:
            with expecting_utf8(path):
                return content.decode("utf-8")
        time.sleep(SETTLED_S / 2)


def log_warnings(config: RouterConfig) -> None:
    """Tell what the configuration says to no effect."""
    for warning in config.warnings:
        logger.warning("%s", warning)


def compose_here(path: Path) -> str:
    """The supergraph of a `supergraph.yaml` as SDL.

    Raises:
        ConfigurationError: it does not compose.
        OSError: a file cannot be read.
    """
    from router.api import compose_file, describe_finding  # noqa: PLC0415 -- as above

    composition = compose_file(path)
    if composition.supergraph_sdl is None:
        raise ConfigurationError([describe_finding(error) for error in composition.errors])
    return composition.supergraph_sdl


def compose_elsewhere(path: Path) -> str:
    """The same, by a process of its own.

    Raises:
        ConfigurationError: it does not compose, or not in `COMPOSE_TIMEOUT_S`.
    """
    command = [sys.executable, "-m", "router", "compose", "--config", str(path)]
    try:
        done = subprocess.run(  # noqa: S603 -- ourselves
            command, capture_output=True, text=True, check=False, timeout=COMPOSE_TIMEOUT_S
        )
    except subprocess.TimeoutExpired as error:
        raise ConfigurationError([f"{path} does not compose within {COMPOSE_TIMEOUT_S:g} s"]) from error
    if done.returncode:
        raise ConfigurationError(done.stderr.splitlines() or ["composition failed"])
    return done.stdout
