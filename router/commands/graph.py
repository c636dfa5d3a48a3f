"""`router graph`: draw a supergraph."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from router.commands.exit_codes import DONE, REFUSED
from router.commands.files import write_text
from router.commands.parsers import Commands
from router.picture import draw_supergraph
from router.reload import Sources

_EXAMPLES = """\
examples:
  python -m router graph --supergraph supergraph.graphql --output supergraph.svg
  python -m router graph --config supergraph.yaml --type Product --output product.svg
"""


def add(commands: Commands, _environment: Mapping[str, str]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "graph",
        help="draw a supergraph as an SVG",
        description=(
            "Draw a supergraph as an SVG: its entities, who owns them, and which fields lead from subgraph to subgraph."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("-s", "--supergraph", type=Path, help="a composed supergraph")
    source.add_argument("-c", "--config", type=Path, help="a supergraph.yaml to compose")
    parser.add_argument(
        "-t",
        "--type",
        action="append",
        default=[],
        help="show only this type and its neighbours; may be repeated",
    )
    parser.add_argument("-o", "--output", type=Path, help="where to write the picture; else standard output")
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """`router graph`."""
    supergraph = Sources(options.supergraph, options.config).read_supergraph()
    try:
        picture = draw_supergraph(supergraph, options.type)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return REFUSED
    write_text(options.output, picture)
    return DONE
