"""LIST_SIZE_APPLIED_TO_NON_LIST: only lists have a size."""

from router.composition.list_sizes import find_list_sizes
from router.composition.report import Report
from router.composition.subgraph import Subgraph
from router.composition.type_ref import is_list, named_type


def check_list_size_applied_to_non_list(subgraph: Subgraph, report: Report) -> None:
    """Check that what has a size is a list: the fields below that `@listSize` names, or else the field itself."""
    for found in find_list_sizes(subgraph):
        site = [(subgraph.name, found.applied.node)]
        if not found.sized_fields:
            if not is_list(found.field.type):
                report.error(
                    "LIST_SIZE_APPLIED_TO_NON_LIST",
                    f'[{subgraph.name}] @listSize is applied to "{found.coordinate}", which is not a list: name the lists '
                    "in it by `sizedFields`, or remove the directive",
                    site,
                )
            continue
        owner = named_type(found.field.type)
        for name in found.sized_fields:
            sized = subgraph.find_field(owner, name)
            if sized is not None and not is_list(sized.type):
                report.error(
                    "LIST_SIZE_APPLIED_TO_NON_LIST",
                    f'[{subgraph.name}] The @listSize of "{found.coordinate}" names the sized field "{owner}.{name}", '
                    "which is not a list: leave it out",
                    site,
                )
