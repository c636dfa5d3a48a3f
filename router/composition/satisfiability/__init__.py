"""Satisfiability: whether every operation that the API schema allows can be answered. `check_satisfiability` is it."""

from router.composition.satisfiability.check import check_satisfiability

__all__ = ["check_satisfiability"]
