"""OVERRIDE_LABEL_INVALID: a label is a name, or a percentage."""

import re
from collections.abc import Iterable

from router.composition.report import Report, Site

_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_\-:./]*", re.ASCII)
_PERCENT = re.compile(r"percent\((?:\d{1,2}(?:\.\d{1,8})?|100)\)", re.ASCII)


def check_override_label_invalid(
    report: Report, where: str, subgraph: str, label: str, sites: Iterable[Site]
) -> bool:
    """Check the label of an `@override` that has an effect; gives whether it is valid."""
    if _NAME.fullmatch(label) or _PERCENT.fullmatch(label):
        return True
    report.error(
        "OVERRIDE_LABEL_INVALID",
        f'Invalid @override label "{label}" on field "{where}" on subgraph "{subgraph}": labels must start with a letter '
        "and after that may contain alphanumerics, underscores, minuses, colons, periods, or slashes. Alternatively, "
        "labels may be of the form percent(x) where x is a float between 0-100 inclusive.",
        sites,
    )
    return False
