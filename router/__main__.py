"""`python -m router serve | compose | plan`.

Exit codes: 0 done, 1 refused (a schema that does not compose, an operation that has no plan, a
configuration that is not understood), 2 not called correctly.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from graphql import GraphQLError, GraphQLSyntaxError, parse, validate

from router import __version__
from router.app import Reloader, Sources, build_server, compose_file, describe_finding, log_warnings
from router.config.problems import ConfigurationError
from router.kit.json import write_json
from router.planner.errors import PlanningError
from router.planner.planner import Planner
from router.server.asgi import RouterApp
from router.server.run import bind, read_address, run
from router.telemetry.logs import set_up_logs

DONE, REFUSED = 0, 1
SWITCHED_ON = {"1", "true", "yes", "on"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code."""
    options = build_parser(os.environ).parse_args(arguments)
    try:
        code: int = options.run(options)
    except ConfigurationError as error:
        for problem in error.problems:
            print(f"error: {problem}", file=sys.stderr)
        return REFUSED
    except (OSError, UnicodeDecodeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return REFUSED
    return code


def build_parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    """The command line; Apollo Router's environment variables stand in for its flags."""
    parser = argparse.ArgumentParser("router", description="A GraphQL federation router.")
    parser.add_argument("-V", "--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="command")
    _add_serve(commands.add_parser("serve", help="serve a supergraph"), environment)
    _add_compose(commands.add_parser("compose", help="compose subgraphs into a supergraph"))
    _add_plan(commands.add_parser("plan", help="show how an operation is answered"))
    return parser


def _add_serve(parser: argparse.ArgumentParser, environment: Mapping[str, str]) -> None:
    parser.description = "Serve a supergraph. Flags and APOLLO_ROUTER_* variables are Apollo Router's."
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
    parser.set_defaults(run=run_serve, parser=parser)


def _add_compose(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Compose the subgraphs that a supergraph.yaml names; errors and hints go to standard error."
    )
    parser.add_argument("-c", "--config", type=Path, required=True, help="a supergraph.yaml")
    parser.add_argument(
        "-o", "--output", type=Path, help="where to write the supergraph; else standard output"
    )
    parser.set_defaults(run=run_compose, parser=parser)


def _add_plan(parser: argparse.ArgumentParser) -> None:
    parser.description = "Show the plan of an operation."
    parser.add_argument("-s", "--supergraph", type=Path, required=True, help="a composed supergraph")
    parser.add_argument(
        "-o", "--operation", required=True, help="a file, - for standard input, or the text itself"
    )
    parser.add_argument("-n", "--operation-name", help="which one, if there are several")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.set_defaults(run=run_plan, parser=parser)


def run_serve(options: argparse.Namespace) -> int:
    """`router serve`."""
    parser: argparse.ArgumentParser = options.parser
    if (options.supergraph is None) == (options.supergraph_config is None):
        parser.error("give one of --supergraph and --supergraph-config")
    sources = Sources(options.supergraph, options.supergraph_config, options.config, options.dev)
    config = sources.read_config()
    try:
        addresses = [read_address(options.listen or config.server.listen)]
        if config.server.health.is_enabled and config.server.health.listen is not None:
            addresses.append(read_address(config.server.health.listen))
    except ValueError as error:
        parser.error(str(error))
    app = RouterApp(build_server(sources.read_supergraph(), config))
    sockets = [bind(address) for address in addresses]
    set_up_logs(options.log, is_json=not sys.stderr.isatty())
    log_warnings(config)
    reloader = Reloader(app, sources)
    return run(app, sockets, reload=reloader.reload, watched=sources.files if options.hot_reload else ())


def run_compose(options: argparse.Namespace) -> int:
    """`router compose`."""
    composition = compose_file(options.config)
    for hint in composition.hints:
        print(f"hint: {describe_finding(hint)}", file=sys.stderr)
    for error in composition.errors:
        print(f"error: {describe_finding(error)}", file=sys.stderr)
    if composition.supergraph_sdl is None:
        return REFUSED
    if options.output is None:
        sys.stdout.write(composition.supergraph_sdl)
    else:
        options.output.write_text(composition.supergraph_sdl, "utf-8")
    return DONE


def run_plan(options: argparse.Namespace) -> int:
    """`router plan`."""
    supergraph = Sources(supergraph=options.supergraph).read_supergraph()
    try:
        document = parse(_read_operation(options.operation))
        errors: Sequence[GraphQLError] = validate(supergraph.api_schema, document)
    except GraphQLSyntaxError as error:
        errors = [error]
    if errors:
        for each in errors:
            print(f"error: {each}", file=sys.stderr)
        return REFUSED
    try:
        plan = Planner(supergraph).plan(document, options.operation_name)
    except PlanningError as error:
        print(f"error: {error}", file=sys.stderr)
        return REFUSED
    print(str(plan) if options.format == "text" else write_json(plan.to_json()).decode())
    return DONE


def _read_operation(given: str) -> str:
    if given == "-":
        return sys.stdin.read()
    return given if "{" in given else Path(given).read_text("utf-8")


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def _is_on(environment: Mapping[str, str], name: str) -> bool:
    return environment.get(name, "").lower() in SWITCHED_ON


if __name__ == "__main__":
    sys.exit(main())
