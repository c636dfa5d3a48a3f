"""Descriptions: the one that most subgraphs give."""

from collections import Counter
from collections.abc import Iterable

from graphql import Node

from router.composition.context import Merge
from router.composition.report import list_subgraphs
from router.composition.subgraph import Subgraph


def merge_descriptions(
    merge: Merge, where: str, given: Iterable[tuple[Subgraph, str | None, Node | None]]
) -> str | None:
    """The most frequent description, the first of equals; an empty one only if there is no other."""
    written = [(subgraph, text, node) for subgraph, text, node in given if text is not None]
    if not written:
        return None
    counts = Counter(text for _, text, _ in written if text)
    if not counts:
        return ""
    chosen = max(counts, key=lambda text: counts[text])
    if len(counts) > 1:
        others = [subgraph.name for subgraph, text, _ in written if text and text != chosen]
        merge.report.hint(
            "INCONSISTENT_DESCRIPTION",
            f"{where} has inconsistent descriptions across subgraphs. The supergraph will use that of "
            f"{list_subgraphs(s.name for s, text, _ in written if text == chosen)}, which differs from that of "
            f"{list_subgraphs(others)}.",
            [(subgraph.name, node) for subgraph, text, node in written if text],
        )
    return chosen
