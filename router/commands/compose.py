"""`router compose`: compose the subgraphs of a `supergraph.yaml`."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from router.app import compose_file, describe_finding
from router.commands.exit_codes import DONE, REFUSED
from router.commands.parsers import Commands


def add(commands: Commands, _environment: Mapping[str, str]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("compose", help="compose subgraphs into a supergraph")
    parser.description = (
        "Compose the subgraphs that a supergraph.yaml names; errors and hints go to standard error."
    )
    parser.add_argument("-c", "--config", type=Path, required=True, help="a supergraph.yaml")
    parser.add_argument(
        "-o", "--output", type=Path, help="where to write the supergraph; else standard output"
    )
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
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
