"""A GraphQL federation router: composes subgraphs, plans operations, executes plans, serves the result.

What is named here is public; everything else is ours to change. Rooms are imported when a public name is
first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from router.app import compose, contract, create_app, plan
    from router.composition import Composition, CompositionError, CompositionHint, Location, SubgraphSource
    from router.composition.contract import Contract
    from router.config.problems import ConfigurationError
    from router.config.supergraph_yaml import SupergraphConfig, read_supergraph_config
    from router.supergraph import Supergraph, SupergraphError

__version__ = "0.1.0"

_HOMES = {
    "Composition": "router.composition",
    "CompositionError": "router.composition",
    "CompositionHint": "router.composition",
    "ConfigurationError": "router.config.problems",
    "Contract": "router.composition.contract",
    "Location": "router.composition",
    "SubgraphSource": "router.composition",
    "Supergraph": "router.supergraph",
    "SupergraphConfig": "router.config.supergraph_yaml",
    "SupergraphError": "router.supergraph",
    "compose": "router.app",
    "contract": "router.app",
    "create_app": "router.app",
    "plan": "router.app",
    "read_supergraph_config": "router.config.supergraph_yaml",
}

__all__ = [
    "Composition",
    "CompositionError",
    "CompositionHint",
    "ConfigurationError",
    "Contract",
    "Location",
    "SubgraphSource",
    "Supergraph",
    "SupergraphConfig",
    "SupergraphError",
    "__version__",
    "compose",
    "contract",
    "create_app",
    "plan",
    "read_supergraph_config",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOMES[name]), name)
