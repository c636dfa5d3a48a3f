"""A GraphQL federation router: composes subgraphs, plans operations, executes plans, serves the result.

What is named here is public; everything else is ours to change. Rooms are imported when a public name is
first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from router.api import check, compose, contract, plan
    from router.app import create_app
    from router.checks import (
        Change,
        ChangeKind,
        Check,
        CheckError,
        Criticality,
        OperationCheck,
        StaleSchema,
        SubgraphChanges,
    )
    from router.composition import Composition, CompositionError, CompositionHint, Location, SubgraphSource
    from router.composition.contract import Contract
    from router.config.client_operations import read_operations
    from router.config.problems import ConfigurationError
    from router.config.supergraph_yaml import SupergraphConfig, read_supergraph_config
    from router.supergraph import Supergraph, SupergraphError

__version__ = "0.1.0"

_HOMES = {
    "Change": "router.checks",
    "ChangeKind": "router.checks",
    "Check": "router.checks",
    "CheckError": "router.checks",
    "Composition": "router.composition",
    "CompositionError": "router.composition",
    "CompositionHint": "router.composition",
    "ConfigurationError": "router.config.problems",
    "Contract": "router.composition.contract",
    "Criticality": "router.checks",
    "Location": "router.composition",
    "OperationCheck": "router.checks",
    "StaleSchema": "router.checks",
    "SubgraphChanges": "router.checks",
    "SubgraphSource": "router.composition",
    "Supergraph": "router.supergraph",
    "SupergraphConfig": "router.config.supergraph_yaml",
    "SupergraphError": "router.supergraph",
    "check": "router.api",
    "compose": "router.api",
    "contract": "router.api",
    "create_app": "router.app",
    "plan": "router.api",
    "read_operations": "router.config.client_operations",
    "read_supergraph_config": "router.config.supergraph_yaml",
}

__all__ = [
    "Change",
    "ChangeKind",
    "Check",
    "CheckError",
    "Composition",
    "CompositionError",
    "CompositionHint",
    "ConfigurationError",
    "Contract",
    "Criticality",
    "Location",
    "OperationCheck",
    "StaleSchema",
    "SubgraphChanges",
    "SubgraphSource",
    "Supergraph",
    "SupergraphConfig",
    "SupergraphError",
    "__version__",
    "check",
    "compose",
    "contract",
    "create_app",
    "plan",
    "read_operations",
    "read_supergraph_config",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOMES[name]), name)
