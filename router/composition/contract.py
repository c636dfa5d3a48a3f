"""A contract: the supergraph and the API schema that some of a supergraph's clients get.

One composition serves many contracts: elements are hidden in the merged supergraph, and the rules of `@inaccessible` then
tell whether an API schema is left. Whatever remains can still be planned, since only less can be asked.

Spec: Apollo GraphOS, contracts.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from graphql import parse, print_schema

from router.composition.api import check_api
from router.composition.context import build_merge
from router.composition.hints import HINT_LEVELS
from router.composition.report import CompositionError, CompositionHint, Report
from router.kit.did_you_mean import suggest
from router.kit.garbage import collection_paused
from router.supergraph import Supergraph
from router.supergraph.api_schema import build_api_schema
from router.supergraph.contracts import TagFilter, find_filtered, find_tags, find_unreachable
from router.supergraph.hide import hide
from router.supergraph.links import write_plain_names
from router.supergraph.rewrite import write_document


@dataclass(frozen=True, slots=True)
class Contract:
    """What filtering gave: either a supergraph, or errors.

    Attributes:
        supergraph_sdl: the supergraph with all that the contract hides `@inaccessible`; None if there are errors.
        api_sdl: the schema that clients of the contract see; None if there are errors.
    """

    supergraph_sdl: str | None
    api_sdl: str | None
    errors: tuple[CompositionError, ...]
    hints: tuple[CompositionHint, ...]


def build_contract(supergraph: Supergraph, tags: TagFilter, *, hide_unreachable_types: bool) -> Contract:
    """Filter a supergraph.

    Raises:
        SupergraphError: the supergraph is of a form that nothing can be hidden in.
    """
    hints = tuple(_find_unused(supergraph, tags))
    with collection_paused():
        document = hide(parse(supergraph.sdl, no_location=True), find_filtered(supergraph, tags))
        visible = write_plain_names(document)
        # No subgraph is at hand: the supergraph may come from anywhere.
        report = Report()
        check_api(build_merge((), report), visible)
        if report.errors:
            advice = _advise(tags)
            errors = tuple(replace(error, message=f"{error.message}{advice}") for error in report.errors)
            return Contract(None, None, errors, hints)
        api_schema = build_api_schema(visible)
        if hide_unreachable_types:
            document = hide(document, find_unreachable(visible, api_schema))
            api_schema = build_api_schema(write_plain_names(document))
        return Contract(write_document(document), print_schema(api_schema), (), hints)


def _find_unused(supergraph: Supergraph, tags: TagFilter) -> Iterable[CompositionHint]:
    """A hint for each tag that nothing has: a misspelt exclusion would show what was to be hidden."""
    code = "CONTRACT_TAG_UNUSED"
    known = find_tags(supergraph)
    for verb, names in (("includes", tags.include), ("excludes", tags.exclude)):
        for name in sorted(names - known):
            message = (
                f'The contract {verb} the tag "{name}", which nothing has.{suggest(name, sorted(known))}'
            )
            yield CompositionHint(code, HINT_LEVELS[code], message)


def _advise(tags: TagFilter) -> str:
    reasons = []
    if tags.include:
        reasons.append(f"has no tag of {_list(tags.include)}")
    if tags.exclude:
        reasons.append(f"has a tag of {_list(tags.exclude)}")
    hidden = " or ".join(reasons) or "is @inaccessible"
    return f". This contract hides what {hidden}."


def _list(tags: Iterable[str]) -> str:
    return ", ".join(f'"{tag}"' for tag in sorted(tags))
