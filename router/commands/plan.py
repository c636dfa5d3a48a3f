"""`router plan`: show how an operation is answered."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from graphql import GraphQLError, GraphQLSyntaxError, parse, validate

from router.commands.exit_codes import DONE, REFUSED
from router.commands.parsers import Commands
from router.config.text_file import read_text_file
from router.kit.json import write_json
from router.picture import draw_plan
from router.planner.errors import PlanningError, UnreachableFieldError
from router.planner.planner import Planner
from router.query_plan.nodes import QueryPlan
from router.reload import Sources
from router.supergraph.api_schema import allow_defer

WRITERS: Mapping[str, Callable[[QueryPlan], str]] = {
    "text": lambda plan: f"{plan}\n",
    "json": lambda plan: f"{write_json(plan.to_json()).decode()}\n",
    "svg": draw_plan,
}

_EXAMPLES = """\
examples:
  python -m router plan --supergraph supergraph.graphql --operation '{ products { name } }'
  python -m router plan --supergraph supergraph.graphql --operation operation.graphql --format svg > plan.svg
"""


def add(commands: Commands, _environment: Mapping[str, str]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "plan",
        help="show how an operation is answered",
        description="Show the plan of an operation.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("-s", "--supergraph", type=Path, required=True, help="a composed supergraph")
    parser.add_argument(
        "-o", "--operation", required=True, help="a file, - for standard input, or the text itself"
    )
    parser.add_argument("-n", "--operation-name", help="which one, if there are several")
    parser.add_argument("--format", choices=tuple(WRITERS), default="text")
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """`router plan`."""
    supergraph = Sources(supergraph=options.supergraph).read_supergraph()
    try:
        document = parse(_read_operation(options.operation))
        errors: Sequence[GraphQLError] = validate(allow_defer(supergraph.api_schema), document)
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
        if isinstance(error, UnreachableFieldError):
            print(_explain(error), file=sys.stderr)
        return REFUSED
    sys.stdout.write(WRITERS[options.format](plan))
    return DONE


def _explain(error: UnreachableFieldError) -> str:
    if not error.homes:
        return "No subgraph resolves the field on this type."
    homes = ", ".join(error.homes)
    return f"The field is resolved by: {homes}. From what is fetched before it, no @key that can be resolved leads there."


def _read_operation(given: str) -> str:
    if given == "-":
        return sys.stdin.read()
    return given if "{" in given else read_text_file(Path(given))
