"""Which progressive overrides are on for one request.

A label `percent(x)` is on for x of a hundred requests, drawn anew for each; another label where a hook says so: it finds
those that it may decide on under `UNRESOLVED` in the context, and leaves those that are on under `CHOSEN`.

Spec: Apollo Federation 2.7, progressive `@override`.
"""

import random
import re
from collections.abc import Callable, Collection

from router.kit.json import JsonObject

UNRESOLVED = "apollo::progressive_override::unresolved_labels"
CHOSEN = "apollo::progressive_override::labels_to_override"

_NONE: frozenset[str] = frozenset()
_PERCENT = re.compile(r"percent\((\d+(?:\.\d+)?)\)")


def note_unresolved(labels: Collection[str], entries: JsonObject) -> None:
    """Tell hooks which labels are theirs to decide on."""
    unresolved = [label for label in labels if _PERCENT.fullmatch(label) is None]
    if unresolved:
        entries.setdefault(UNRESOLVED, [*unresolved])


def choose_labels(
    labels: Collection[str], entries: JsonObject, draw: Callable[[], float] = random.random
) -> frozenset[str]:
    """The labels that are on; `draw` gives numbers from 0 (included) to 1 (excluded), one for each label."""
    if not labels:
        return _NONE
    chosen = entries.get(CHOSEN)
    on = {label for label in chosen if label in labels} if isinstance(chosen, list) else set()
    for label in labels:
        match = _PERCENT.fullmatch(label)
        if match is not None and draw() * 100 < float(match[1]):
            on.add(label)
    return frozenset(on)
