"""`router serve`: serve a supergraph over HTTP."""

import argparse
import logging
import sys
from collections.abc import Mapping
from pathlib import Path

from router.app import build_server
from router.commands.parsers import Commands
from router.reload import Reloader, Sources, log_warnings, rebuild
from router.server.asgi import RouterApp
from router.server.http import HttpServer
from router.server.run import bind, read_address
from router.server.run import run as run_server
from router.server.watch import Watched
from router.server.workers import Supervisor
from router.telemetry.logs import set_up_logs
from router.telemetry.shared_metrics import share_metrics

logger = logging.getLogger(__name__)

WORKERS_MAX = 256
SWITCHED_ON = {"1", "true", "yes", "on"}

_EXAMPLES = """\
examples:
  python -m router serve --supergraph supergraph.graphql --config router.yaml
  python -m router serve --supergraph supergraph.graphql --workers 4
  python -m router serve --supergraph-config supergraph.yaml --dev --hot-reload
"""


def add(commands: Commands, environment: Mapping[str, str]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "serve",
        help="serve a supergraph",
        description="Serve a supergraph. Flags and APOLLO_ROUTER_* variables are Apollo Router's.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    supergraph = environment.get("APOLLO_ROUTER_SUPERGRAPH_PATH")
    config = environment.get("APOLLO_ROUTER_CONFIG_PATH")
    parser.add_argument(
        "-s", "--supergraph", type=Path, default=_path(supergraph), help="a composed supergraph"
    )
    parser.add_argument("--supergraph-config", type=Path, help="a supergraph.yaml to compose and serve")
    parser.add_argument("-c", "--config", type=Path, default=_path(config), help="a router.yaml")
    parser.add_argument("--listen", default=environment.get("APOLLO_ROUTER_LISTEN_ADDRESS"), help="host:port")
    parser.add_argument(
        "--dev",
        action="store_true",
        default=_is_on(environment, "APOLLO_ROUTER_DEV"),
        help="show all to developers",
    )
    parser.add_argument(
        *("--hr", "--hot-reload"),
        dest="hot_reload",
        action="store_true",
        default=_is_on(environment, "APOLLO_ROUTER_HOT_RELOAD"),
        help="reload when the supergraph or the configuration changes",
    )
    parser.add_argument(
        "--log", default=environment.get("APOLLO_ROUTER_LOG", "info"), help="off, error, warn, info, debug"
    )
    parser.add_argument(
        "--workers", type=_read_count, default=1, metavar="N", help="processes that serve (default: 1)"
    )
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """`router serve`."""
    parser: argparse.ArgumentParser = options.parser
    if (options.supergraph is None) == (options.supergraph_config is None):
        parser.error("give one of --supergraph and --supergraph-config")
    sources = Sources(
        options.supergraph,
        options.supergraph_config,
        options.config,
        is_development=options.dev,
        is_composed_elsewhere=options.workers > 1,
    )
    watched = Watched(sources.files if options.hot_reload else ())
    config = sources.read_config()
    try:
        addresses = [read_address(options.listen or config.server.listen)]
        if config.server.health.is_enabled and config.server.health.listen is not None:
            addresses.append(read_address(config.server.health.listen))
        prometheus, cache = config.telemetry.prometheus, config.executor.response_cache
        for other in (prometheus, cache):
            listen = other.listen if other is not None else None
            if listen is not None and listen != config.server.listen:
                addresses.append(read_address(listen))
        addresses = list(dict.fromkeys(addresses))
    except ValueError as error:
        parser.error(str(error))
    shared = share_metrics() if prometheus is not None and options.workers > 1 else None
    _set_up_logs(options.log, config.telemetry.logs_format)
    app = RouterApp(build_server(sources.read_supergraph(), config))
    sockets = [bind(address) for address in addresses]
    log_warnings(config)
    if options.workers > 1 and cache is not None and cache.redis is None and cache.path is not None:
        logger.warning(
            "response_cache.invalidation reaches one of %d workers: answers that are to be invalidated belong into Redis",
            options.workers,
        )
    if options.workers == 1:
        reloader = Reloader(app, sources)
        return run_server(app, sockets, config.server, reload=reloader.reload, watched=watched)
    supervisor = Supervisor(
        options.workers,
        app,
        rebuild=lambda: _wrap(rebuild(sources)),
        serve=lambda app, beat: run_server(app, sockets, app.options, beat=beat),
        watched=watched,
    )
    try:
        return supervisor.run()
    finally:
        if shared is not None:
            shared.cleanup()


def _set_up_logs(level: str, form: str | None) -> None:
    if form is None:
        set_up_logs(level, is_json=not sys.stderr.isatty())
    else:
        set_up_logs(level, is_json=form == "json", stream=sys.stdout)


def _wrap(server: HttpServer | None) -> RouterApp | None:
    return None if server is None else RouterApp(server)


def _read_count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= WORKERS_MAX:
        msg = f"{text!r} is no number from 1 to {WORKERS_MAX}"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def _is_on(environment: Mapping[str, str], name: str) -> bool:
    return environment.get(name, "").lower() in SWITCHED_ON
