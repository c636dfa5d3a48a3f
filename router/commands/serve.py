"""`router serve`: serve a supergraph over HTTP."""

import argparse
import gc
import logging
import sys
from collections.abc import Mapping
from pathlib import Path

from router.commands.parsers import Commands
from router.config.kinds import read_duration_s
from router.config.router_yaml import RouterConfig
from router.config.supergraph_url import SupergraphUrls
from router.reload import Reloader, Sources, build_with, log_warnings, rebuild
from router.server.asgi import RouterApp
from router.server.http import HttpServer
from router.server.run import Address, bind, read_address
from router.server.run import run as run_server
from router.server.watch import Poll, Watched
from router.server.workers import Supervisor
from router.telemetry.logs import set_up_logs
from router.telemetry.options import LineForm, LogOptions
from router.telemetry.shared_metrics import share_metrics

logger = logging.getLogger(__name__)

WORKERS_MAX = 256
SWITCHED_ON = {"1", "true", "yes", "on"}

_EXAMPLES = """\
examples:
  python -m router serve --supergraph supergraph.graphql --config router.yaml
  python -m router serve --supergraph supergraph.graphql --workers 4
  python -m router serve --supergraph-config supergraph.yaml --dev --hot-reload
  python -m router serve --supergraph-urls https://one.example/s.graphql,https://other.example/s.graphql --hot-reload
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
    parser.add_argument(
        "--supergraph-urls",
        default=environment.get("APOLLO_ROUTER_SUPERGRAPH_URLS"),
        metavar="URL,URL",
        help="where a composed supergraph is fetched; the first that gives it counts",
    )
    parser.add_argument(
        "--supergraph-poll-interval",
        type=_read_seconds,
        default=environment.get("APOLLO_UPLINK_POLL_INTERVAL", "10s"),
        metavar="TIME",
        help="how often to look there with --hot-reload (default: 10s)",
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
        "--log",
        default=environment.get("APOLLO_ROUTER_LOG") or environment.get("RUST_LOG") or "info",
        help="off, error, warn, info, debug",
    )
    parser.add_argument(
        "--workers", type=_read_count, default=1, metavar="N", help="processes that serve (default: 1)"
    )
    # Apollo Router's, so that a command goes on working: there is no licence, and nothing is ever told to anybody.
    parser.add_argument("--license", help=argparse.SUPPRESS)
    parser.add_argument("--anonymous-telemetry-disabled", action="store_true", help=argparse.SUPPRESS)
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """`router serve`."""
    parser: argparse.ArgumentParser = options.parser
    given = (options.supergraph, options.supergraph_urls, options.supergraph_config)
    if sum(each is not None for each in given) != 1:
        parser.error("give one of --supergraph, --supergraph-urls and --supergraph-config")
    urls = [each.strip() for each in (options.supergraph_urls or "").split(",") if each.strip()]
    sources = Sources(
        options.supergraph,
        options.supergraph_config,
        options.config,
        is_development=options.dev,
        is_composed_elsewhere=options.workers > 1,
        supergraph_urls=SupergraphUrls(urls) if options.supergraph_urls is not None else None,
    )
    config = sources.read_config()
    watched = _watch(sources, config, options)
    try:
        addresses = _find_addresses(options.listen or config.server.listen, config)
    except ValueError as error:
        parser.error(str(error))
    is_counted, cache = config.telemetry.prometheus is not None, config.executor.response_cache
    shared = share_metrics() if is_counted and options.workers > 1 else None
    _set_up_logs(options.log, config.telemetry.logs)
    # What is loaded stays to the end. Collecting what a reload has replaced takes a sixth of the time for it.
    gc.freeze()
    app = RouterApp(build_with(config, sources))
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
        sockets=sockets,
        watched=watched,
    )
    try:
        return supervisor.run()
    finally:
        if shared is not None:
            shared.cleanup()


def _find_addresses(listen: str, config: RouterConfig) -> list[Address]:
    """Where to listen: for GraphQL first, then for what has a port of its own.

    Raises:
        ValueError: something is no address.
    """
    addresses = [read_address(listen)]
    health = config.server.health
    if health.is_enabled and health.listen is not None:
        addresses.append(read_address(health.listen))
    for other in (config.telemetry.prometheus, config.executor.response_cache):
        own = other.listen if other is not None else None
        if own is not None and own != config.server.listen:
            addresses.append(read_address(own))
    return list(dict.fromkeys(addresses))


def _watch(sources: Sources, config: RouterConfig, options: argparse.Namespace) -> Watched:
    """What changes of call for a reload: manifests that are to be looked at always, the others with `--hot-reload`."""
    urls = sources.supergraph_urls
    if not options.hot_reload:
        files = sources.find_files_of(config)
        return Watched([each for each in files if each not in sources.files])
    poll = Poll(urls, options.supergraph_poll_interval) if urls is not None else None
    return Watched(sources.find_files_of(config), poll)


def _read_seconds(text: str) -> float:
    seconds = read_duration_s(text)
    if not seconds:
        msg = f"{text!r} is no time such as 10s"
        raise argparse.ArgumentTypeError(msg)
    return seconds


def _set_up_logs(level: str, options: LogOptions) -> None:
    form = (sys.stdout.isatty() and options.terminal_form) or options.form
    if not options.is_enabled:
        set_up_logs("off", LineForm(is_json=False))
    elif form is None:
        set_up_logs(level, LineForm(is_json=not sys.stderr.isatty()), options)
    else:
        set_up_logs(level, form, options, sys.stdout)


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
