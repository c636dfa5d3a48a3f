"""Operation and query graph to plan."""

from router.planner.errors import PlanningError, TooComplexError, UnreachableFieldError
from router.planner.planner import Planner, PlannerOptions

__all__ = ["Planner", "PlannerOptions", "PlanningError", "TooComplexError", "UnreachableFieldError"]
