"""EMPTY_MERGED_ENUM_TYPE: clients can send only the values that all subgraphs know."""

from router.composition.context import Merge, Sources


def report_empty_merged_enum_type(merge: Merge, name: str, sources: Sources) -> None:
    """Report an enum of which no value is left."""
    merge.report.error(
        "EMPTY_MERGED_ENUM_TYPE",
        f'None of the values of enum type "{name}" are defined consistently in all the subgraphs defining that type. As '
        "only values common to all subgraphs are merged, this would result in an empty type. Give them a value in common, "
        "or different names.",
        [(s.name, t.node) for s, t in sources],
    )
