"""Merging values that more than one source brings; the rules of `interpret.merge`, over structs."""

from typing import Any

from msgspec import UNSET, Struct

from router.executor.compiled.unusual import UnusualError


def merge_values(before: Any, after: Any) -> Any:
    """What stands under a key when `after` has come to `before`; objects and lists are merged in place.

    Raises:
        UnusualError: the two say that they are of different types.
    """
    if before is UNSET:
        return after
    if after is UNSET or after is None:
        return before
    if before is None:
        return after
    if isinstance(before, Struct):
        if before.__class__ is not after.__class__:
            raise UnusualError
        for name in before.__struct_fields__:
            setattr(before, name, merge_values(getattr(before, name), getattr(after, name)))
        return before
    if isinstance(before, list):
        shared = min(len(before), len(after))
        for i in range(shared):
            before[i] = merge_values(before[i], after[i])
        before.extend(after[shared:])
        return before
    return after
