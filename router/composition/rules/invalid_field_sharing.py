"""INVALID_FIELD_SHARING: several subgraphs resolve a field only if all have agreed to it."""

from collections.abc import Sequence

from router.composition.context import Merge
from router.composition.report import list_subgraphs
from router.composition.subgraph import Field, Subgraph

_CODE = "INVALID_FIELD_SHARING"


def check_invalid_field_sharing(
    merge: Merge, type_name: str, name: str, resolvers: Sequence[tuple[Subgraph, Field]]
) -> None:
    """Check the subgraphs that resolve a field, some of them perhaps through an interface object."""
    sites = [(s.name, item.node) for s, item in resolvers]
    if type_name == "Subscription" and any(item.find("shareable") is not None for _, item in resolvers):
        merge.report.error(
            _CODE,
            f'Fields on root level subscription object cannot be marked as shareable: "{type_name}.{name}". Take the '
            "@shareable out.",
            sites,
        )
        return
    lonely = [(s, item) for s, item in resolvers if not item.is_shareable and not item.is_provided]
    if len(resolvers) < 2 or not lonely:  # noqa: PLR2004 -- one alone shares with nobody
        return
    everywhere = list_subgraphs(s.name for s, _ in resolvers)
    blamed = "all of them" if len(lonely) == len(resolvers) else list_subgraphs(s.name for s, _ in lonely)
    merge.report.error(
        _CODE,
        f'Non-shareable field "{type_name}.{name}" is resolved from multiple subgraphs: it is resolved from '
        f"{everywhere} and defined as non-shareable in {blamed}{_find_unknown(merge, resolvers)}. Mark it @shareable "
        "everywhere, or move it with @override.",
        sites,
    )


def _find_unknown(merge: Merge, resolvers: Sequence[tuple[Subgraph, Field]]) -> str:
    """What is said if an `@override` would have helped, but names a subgraph that there is not."""
    known = {subgraph.name for subgraph in merge.subgraphs}
    for subgraph, item in resolvers:
        applied = item.find("override")
        source = getattr(applied.arguments.get("from"), "value", None) if applied is not None else None
        if source is not None and source not in known:
            return f' (the @override in subgraph "{subgraph.name}" names "{source}", which there is not)'
    return ""
