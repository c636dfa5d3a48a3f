"""How deep functions may call one another: as deep as operations nest.

Python stops at 1,000 calls within each other by default. What follows the nesting of an operation (planning above all) takes
some calls for each level. The limit is there to guard the C stack, which calls between Python functions have not used since
Python 3.11; the worst of what does use it (a generator in `any`, a hash of objects within objects) takes less than half of
the usual 8 MB within this limit.

graphql-core lets 200 levels pass for the sake of another interpreter. That number is a module's attribute, read at each use,
which is set here for the whole process (decision 0046).
"""

import sys
from importlib import import_module

NESTING_MAX = 500
"""Levels of selections and of values, Apollo's default."""

CALLS_MAX = 30 * NESTING_MAX

_BOUNDED_BY_NESTING = ("graphql.language.parser", "graphql.validation.validate", "graphql.execution.values")


def allow_deep_operations() -> None:
    """Let operations nest `NESTING_MAX` deep and calls `CALLS_MAX`, in the whole process and for good."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), CALLS_MAX))
    for module in _BOUNDED_BY_NESTING:
        vars(import_module(module))["MAX_NESTING_DEPTH"] = NESTING_MAX
