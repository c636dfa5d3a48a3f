"""`router contract`: the part of a supergraph that some of its clients get, by tags."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from router.api import contract
from router.commands.compose import compose_config
from router.commands.files import name_of, read_text
from router.commands.outcome import add_output, report, write_outcome
from router.commands.parsers import Commands
from router.composition import Composition
from router.config.problems import ConfigurationError
from router.supergraph.errors import SupergraphError

_EXAMPLES = """\
examples:
  python -m router contract --supergraph supergraph.graphql --include public --output public.graphql
  python -m router contract --config supergraph.yaml --exclude internal --exclude beta --hide-unreachable-types
  python -m router contract --supergraph supergraph.graphql --exclude internal --api > schema.graphql
"""


def add(commands: Commands, _environment: Mapping[str, str]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "contract",
        help="filter a supergraph by tags",
        description=(
            "Give the supergraph in which only some elements are shown to clients, by their @tags. "
            "With --include, elements need one of these tags, their own or their type's; one with an excluded tag "
            "is always hidden. Exit codes: 0 done, 1 nothing valid is left, 2 called wrongly."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("-s", "--supergraph", type=Path, help="a composed supergraph; - for standard input")
    source.add_argument(
        "-c", "--config", type=Path, help="a supergraph.yaml to compose; - for standard input"
    )
    for verb, told in (("include", "show only what has this tag"), ("exclude", "hide what has this tag")):
        parser.add_argument(
            *(f"--{verb}", f"--{verb}-tag"),
            dest=verb,
            action="append",
            default=[],
            metavar="TAG",
            help=f"{told}; may be repeated",
        )
    parser.add_argument(
        "--hide-unreachable-types",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="hide types that no operation can reach any more",
    )
    parser.add_argument(
        "--api", action="store_true", help="write the schema that clients see, not the supergraph"
    )
    add_output(parser)
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """`router contract`."""
    if not (options.include or options.exclude or options.hide_unreachable_types):
        options.parser.error("name a tag with --include or --exclude, or give --hide-unreachable-types")
    return report(options, lambda: _filter(options))


def _filter(options: argparse.Namespace) -> int:
    source: Composition | str = (
        compose_config(options.config) if options.config is not None else read_text(options.supergraph)
    )
    try:
        result = contract(
            source,
            include=options.include,
            exclude=options.exclude,
            hide_unreachable_types=options.hide_unreachable_types,
        )
    except SupergraphError as error:
        raise ConfigurationError([f"{name_of(options.supergraph or options.config)}: {error}"]) from error
    core, api = result.supergraph_sdl or "", result.api_sdl or ""
    schemas = {"core_schema": core, "api_schema": api}
    return write_outcome(options, result, text=f"{api}\n" if options.api else core, schemas=schemas)
