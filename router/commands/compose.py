"""`router compose`: compose the subgraphs of a `supergraph.yaml`, as `rover supergraph compose` does."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from router.api import compose
from router.commands.files import folder_of, name_of, read_text
from router.commands.findings import print_warnings
from router.commands.outcome import add_output, report, write_outcome
from router.commands.parsers import Commands
from router.commands.progress import telling
from router.composition import Composition
from router.config.supergraph_yaml import check_federation_version, parse_supergraph_config

_EXAMPLES = """\
examples:
  python -m router compose --config supergraph.yaml --output supergraph.graphql
  python -m router compose --config supergraph.yaml --format json | jq -r .data.core_schema
  generate-config | python -m router compose --config -
"""


def add(commands: Commands, _environment: Mapping[str, str]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "compose",
        help="compose subgraphs into a supergraph",
        description=(
            "Compose the subgraphs that a supergraph.yaml names. Errors and hints go to standard error, "
            "each with its code and places. Exit codes: 0 composed, 1 does not compose, 2 called wrongly."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "-c", "--config", type=Path, required=True, help="a supergraph.yaml; - for standard input"
    )
    add_output(parser)
    parser.add_argument(
        "--federation-version",
        metavar="VERSION",
        help="checked and without effect: every subgraph is composed by the federation version that it links",
    )
    parser.add_argument(
        "--elv2-license", metavar="accept", help="ignored: nothing here is under that licence"
    )
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """`router compose`."""
    version = options.federation_version
    fault = check_federation_version(version) if version is not None else None
    if fault is not None:
        options.parser.error(f"--federation-version {fault}")
    return report(options, lambda: _compose(options))


def _compose(options: argparse.Namespace) -> int:
    composition = compose_config(options.config)
    sdl = composition.supergraph_sdl or ""
    return write_outcome(options, composition, text=sdl, schemas={"core_schema": sdl})


def compose_config(path: Path) -> Composition:
    """Compose what a `supergraph.yaml` names, and warn of what it says.

    Raises:
        ConfigurationError: it is not understood, or a schema cannot be had.
        OSError: it cannot be read.
    """
    with telling("Reading the subgraphs' schemas"):
        config = parse_supergraph_config(read_text(path), name_of(path), folder=folder_of(path))
    print_warnings(config.warnings)
    with telling(f"Composing {len(config.subgraphs)} subgraphs"):
        return compose(config)
