"""The clients' operations: read them, tell what they use, and check them against another schema."""

from router.checks.operations.check import OperationCheck, check_operations
from router.checks.operations.read import ClientOperation, read_client_operations

__all__ = ["ClientOperation", "OperationCheck", "check_operations", "read_client_operations"]
