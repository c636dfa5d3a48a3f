"""The changes between two schemas, one file for each kind of element. `schema.diff_schemas` is the recipe."""

from router.checks.diff.schema import diff_schemas

__all__ = ["diff_schemas"]
