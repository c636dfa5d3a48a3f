"""LIST_SIZE_INVALID_SIZED_FIELD: the lists that a `@listSize` is about are fields of what its field returns."""

from router.composition.list_sizes import find_list_sizes
from router.composition.report import Report
from router.composition.subgraph import Subgraph
from router.composition.type_ref import named_type


def check_list_size_invalid_sized_field(subgraph: Subgraph, report: Report) -> None:
    """Check that there is each sized field."""
    for found in find_list_sizes(subgraph):
        owner = named_type(found.field.type)
        for name in found.sized_fields:
            if subgraph.find_field(owner, name) is None:
                report.error(
                    "LIST_SIZE_INVALID_SIZED_FIELD",
                    f'[{subgraph.name}] The @listSize of "{found.coordinate}" names the sized field "{name}", which is no '
                    f'field of type "{owner}": name fields of it that are lists',
                    [(subgraph.name, found.applied.node)],
                )
