"""The composed schema as a frozen model, and the schema that clients see."""

from router.supergraph.access import AccessRule, AccessRules
from router.supergraph.errors import SupergraphError
from router.supergraph.model import Supergraph
from router.supergraph.records import SubgraphInfo, TypeKind

__all__ = [
    "AccessRule",
    "AccessRules",
    "SubgraphInfo",
    "Supergraph",
    "SupergraphError",
    "TypeKind",
]
