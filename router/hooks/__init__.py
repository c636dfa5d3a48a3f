"""Hooks: code of the user's that sees and changes what passes through the router.

A `Plugin` is a set of `async def` functions, one for each place; docs/hooks.md shows them.
"""

from router.hooks.context import Context
from router.hooks.messages import (
    ExecutionRequest,
    ExecutionResponse,
    RouterRequest,
    RouterResponse,
    SubgraphRequest,
    SubgraphResponse,
    SupergraphRequest,
    SupergraphResponse,
)
from router.hooks.plugin import Plugin

__all__ = [
    "Context",
    "ExecutionRequest",
    "ExecutionResponse",
    "Plugin",
    "RouterRequest",
    "RouterResponse",
    "SubgraphRequest",
    "SubgraphResponse",
    "SupergraphRequest",
    "SupergraphResponse",
]
