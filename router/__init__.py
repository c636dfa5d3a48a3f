"""A GraphQL federation router: composes subgraphs, plans operations, executes plans, serves the result.

What is named here is public; everything else is ours to change. Rooms are imported when a public name is
first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from router.app import compose, create_app, plan
    from router.composition.subgraph import SubgraphSource
    from router.supergraph.model import Supergraph

__version__ = "0.1.0"

_HOMES = {
    "SubgraphSource": "router.composition.subgraph",
    "Supergraph": "router.supergraph.model",
    "compose": "router.app",
    "create_app": "router.app",
    "plan": "router.app",
}

__all__ = ["SubgraphSource", "Supergraph", "__version__", "compose", "create_app", "plan"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOMES[name]), name)
