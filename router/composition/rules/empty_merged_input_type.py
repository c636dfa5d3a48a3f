"""EMPTY_MERGED_INPUT_TYPE: clients can send only the fields that all subgraphs know."""

from router.composition.context import Merge, Sources


def report_empty_merged_input_type(merge: Merge, name: str, sources: Sources) -> None:
    """Report an input object of which no field is left."""
    merge.report.error(
        "EMPTY_MERGED_INPUT_TYPE",
        f'None of the fields of input object type "{name}" are consistently defined in all the subgraphs defining that '
        "type. As only fields common to all subgraphs are merged, this would result in an empty type. Give them a field "
        "in common, or different names.",
        [(s.name, t.node) for s, t in sources],
    )
