"""Which progressive overrides are on for one request.

A label `percent(x)` is on for x of a hundred requests, drawn anew for each; another label is on for nobody.

Spec: Apollo Federation 2.7, progressive `@override`.
"""

import random
import re
from collections.abc import Callable, Collection

_NONE: frozenset[str] = frozenset()
_PERCENT = re.compile(r"percent\((\d+(?:\.\d+)?)\)")


def choose_labels(labels: Collection[str], draw: Callable[[], float] = random.random) -> frozenset[str]:
    """The labels that are on; `draw` gives numbers from 0 (included) to 1 (excluded), one for each label."""
    if not labels:
        return _NONE
    return frozenset(
        label for label in labels if (match := _PERCENT.fullmatch(label)) and draw() * 100 < float(match[1])
    )
