"""How deep functions may call one another: as deep as operations nest.

Python stops at 1,000 calls within each other by default. What follows the nesting of an operation (planning above all) takes
some calls for each level, and the parser lets 200 levels pass. The limit is there to guard the C stack, which calls between
Python functions have not used since Python 3.11; what does use it stays far below its size within this limit too.
"""

import sys

CALLS_MAX = 6_000


def allow_deep_calls() -> None:
    """Let calls nest `CALLS_MAX` deep at least, in the whole process and for good."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), CALLS_MAX))
