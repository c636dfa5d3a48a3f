"""`router check`: what a change does to the clients, as `rover subgraph check` tells it, and with no service to ask."""

import argparse
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import yaml
from graphql import GraphQLError

from router.api import check
from router.checks import Check, CheckError
from router.checks.report import build_document, write_github, write_markdown, write_plain
from router.commands.colours import paint
from router.commands.exit_codes import DONE, MISUSED, REFUSED
from router.commands.exports import run_exports
from router.commands.files import describe_fault, folder_of, name_of, read_text, write_text
from router.commands.findings import print_warnings, write_failure
from router.commands.git import find_ref
from router.commands.parsers import Commands
from router.commands.progress import telling
from router.config.client_operations import read_operations
from router.config.problems import ConfigurationError
from router.config.supergraph_yaml import SupergraphConfig, parse_supergraph_config
from router.kit.json import write_json
from router.supergraph import Supergraph, SupergraphError

_STREAM = Path("-")
_EXPORT_TIMEOUT_S = 60.0
_EXAMPLES = """\
examples:
  python -m router check --config supergraph.yaml --against published.graphql --operations operations/
  python -m router check --config supergraph.yaml --against origin/main --format github
  python -m router check --config supergraph.yaml --against main --export 'python -m subgraphs.{name} export-schema'
"""


def add(commands: Commands, _environment: Mapping[str, str]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "check",
        help="tell what a change does to the clients",
        description=(
            "Compose the subgraphs that a supergraph.yaml names, and compare what clients see with what is "
            "published: every change is breaking, dangerous or safe. Exit codes: 0 safe to publish, 1 not, "
            "2 called wrongly or could not run."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "-c", "--config", type=Path, required=True, help="a supergraph.yaml; - for standard input"
    )
    parser.add_argument(
        "--against",
        required=True,
        metavar="FILE|REF",
        help="what is published: a supergraph, or the git ref at which the same supergraph.yaml names it",
    )
    parser.add_argument(
        "--operations",
        action="append",
        type=Path,
        metavar="PATH",
        help=(
            "what clients send: a folder of .graphql files, one file, or a manifest of persisted operations; "
            "may be repeated. A breaking change that none of them notices is allowed then"
        ),
    )
    parser.add_argument(
        "--export",
        action="append",
        default=[],
        metavar="[NAME=]COMMAND",
        help=(
            "prints the schema of a subgraph, which must be the one in its file; for all subgraphs with {name} in it, "
            "or for NAME only"
        ),
    )
    parser.add_argument(
        "--export-timeout",
        type=float,
        default=_EXPORT_TIMEOUT_S,
        metavar="SECONDS",
        help="how long one such command may take (%(default)g)",
    )
    parser.add_argument("-o", "--output", type=Path, help="where to write the report; else standard output")
    parser.add_argument("--format", choices=("plain", "json", "markdown", "github"), default="plain")
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """`router check`."""
    try:
        found = _check(options)
        write_text(options.output, _write(found, options))
    except (ConfigurationError, CheckError) as error:
        return _fail(options, error.problems)
    except (OSError, UnicodeDecodeError) as error:
        return _fail(options, (describe_fault(error),))
    return DONE if found.is_safe else REFUSED


def _check(options: argparse.Namespace) -> Check:
    operations = read_operations(*options.operations) if options.operations is not None else None
    published = _read_published(options)
    with telling("Reading the subgraphs' schemas"):
        config = parse_supergraph_config(
            read_text(options.config), name_of(options.config), folder=folder_of(options.config)
        )
    print_warnings(config.warnings)
    with telling("Exporting the subgraphs' schemas"):
        exported = run_exports(options.export, config.subgraphs, options.export_timeout)
    with telling(f"Checking {len(config.subgraphs)} subgraphs"):
        return check(config, against=published, operations=operations, exported=exported)


def _read_published(options: argparse.Namespace) -> Supergraph | SupergraphConfig:
    """What is published: a file if there is one of that name, else what a git ref holds."""
    path = Path(options.against)
    if path != _STREAM and not path.is_file():
        return _read_ref(options)
    try:
        supergraph = Supergraph.read(read_text(path))
        # It is built when it is first asked for, and here is who can tell which file is at fault.
        _ = supergraph.api_schema
    except (SupergraphError, GraphQLError, TypeError) as error:
        raise ConfigurationError([f"{name_of(path)}: {error}"]) from error
    return supergraph


def _read_ref(options: argparse.Namespace) -> SupergraphConfig:
    if options.config == _STREAM:
        raise ConfigurationError(["--against a git ref needs --config to be a file of the repository"])
    folder = options.config.parent
    ref = find_ref(folder, options.against)
    name = f"{options.config} at {ref.name}"
    text = ref.read(options.config)
    _refuse_urls(text, name)
    return parse_supergraph_config(text, name, folder=folder, read_file=ref.read)


def _refuse_urls(text: str, name: str) -> None:
    """A running subgraph has the schema of today; that of the ref is nowhere."""
    try:
        content = yaml.safe_load(text)
        subgraphs = content["subgraphs"].items()
        asked = [key for key, entry in subgraphs if entry["schema"].get("subgraph_url")]
    except (yaml.YAMLError, KeyError, TypeError, AttributeError):
        return  # What is wrong with it is told by whoever reads it all.
    if asked:
        problem = f"{name}: {', '.join(asked)} can only be asked for the schema of today"
        raise ConfigurationError(
            [f"{problem}. Compare with a published supergraph, or keep schemas in files"]
        )


def _write(found: Check, options: argparse.Namespace) -> str:
    match options.format:
        case "json":
            return f"{write_json(build_document(found)).decode()}\n"
        case "markdown":
            return write_markdown(found)
        case "github":
            return write_github(found)
        case _ if options.output in {None, _STREAM}:
            return write_plain(found, partial(paint, stream=sys.stdout))
        case _:
            return write_plain(found)


def _fail(options: argparse.Namespace, problems: tuple[str, ...]) -> int:
    """Tell why there is no verdict: in JSON where that is read, else on standard error."""
    if options.format == "json":
        sys.stdout.write(write_failure("\n".join(problems)))
    else:
        for problem in problems:
            print(f"{paint('error', 'error', sys.stderr)}: {problem}", file=sys.stderr)
    return MISUSED
