"""Contract checks: what a new graph changes for the clients of the old one. `check.check_candidate` is the recipe."""

from router.checks.changes import Change, ChangeKind, Criticality
from router.checks.check import Check, SubgraphChanges, check_candidate
from router.checks.errors import CheckError
from router.checks.exports import StaleSchema
from router.checks.graph import Candidate, Graph
from router.checks.operations import OperationCheck, read_client_operations

__all__ = [
    "Candidate",
    "Change",
    "ChangeKind",
    "Check",
    "CheckError",
    "Criticality",
    "Graph",
    "OperationCheck",
    "StaleSchema",
    "SubgraphChanges",
    "check_candidate",
    "read_client_operations",
]
