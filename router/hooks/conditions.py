"""Apollo's conditions: `eq`, `not`, ... over selectors. They say when a coprocessor is asked, something is logged or counted.

A condition is read once into a function of what is known at its stage.
"""

from collections.abc import Callable
from typing import TypeAlias

from router.hooks.known import Known
from router.hooks.selectors import read_selector
from router.kit.json import JsonValue

Condition: TypeAlias = Callable[[Known], bool]

DEPTH_MAX = 32


def read_condition(value: JsonValue, depth: int = 0) -> Condition:
    """The condition that `value` stands for.

    Raises:
        ValueError: it is none; the message says which part.
    """
    if depth > DEPTH_MAX:
        raise ValueError("the condition is too deep")
    if isinstance(value, bool):
        return lambda _: value
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError(
            "a condition is true, false, or a mapping with one of eq, gt, lt, exists, not, any, all"
        )
    ((kind, given),) = value.items()
    if kind in {"eq", "gt", "lt"}:
        return _read_comparison(kind, given)
    if kind == "exists":
        selector = read_selector(given)
        return lambda known: selector(known) is not None
    if kind == "not":
        inner = read_condition(given, depth + 1)
        return lambda known: not inner(known)
    if kind in {"any", "all"} and isinstance(given, list):
        conditions = [read_condition(each, depth + 1) for each in given]
        combine = any if kind == "any" else all
        return lambda known: combine(each(known) for each in conditions)
    raise ValueError(f"{kind} is no condition: eq, gt, lt, exists, not, any, all are")


def _read_comparison(kind: str, given: JsonValue) -> Condition:
    if not isinstance(given, list) or len(given) != 2:  # noqa: PLR2004 -- left and right
        raise ValueError(f"{kind} compares a list of two")
    left, right = (read_selector(each) for each in given)
    if kind == "eq":
        return lambda known: left(known) == right(known)

    def compare(known: Known) -> bool:
        one, other = left(known), right(known)
        if isinstance(one, str) != isinstance(other, str) or one is None or other is None:
            return False
        return bool(one > other if kind == "gt" else one < other)

    return compare
