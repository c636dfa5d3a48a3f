"""Code that finds the objects at a path, in the order of the response."""

from dataclasses import dataclass

from router.executor.compiled.code import Code
from router.executor.compiled.places import Key, Kind, Places, UncompilableError
from router.executor.compiled.types import Structs
from router.query_plan.nodes import EACH, PlanPath, TypeFilter

STEPS_TOGETHER = 5
"""Steps in one comprehension: Python allows 20 loops in each other, and a step may be through lists of lists."""

LIST_DEPTH_MAX = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One key of a path, taken from some kinds.

    Attributes:
        among: all kinds that may stand here.
        kinds: those that the path goes on from.
    """

    among: tuple[Kind, ...]
    kinds: tuple[Kind, ...]
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Walk:
    """The way to a path's objects.

    Attributes:
        among: all kinds that may stand at the end.
        kinds: those that are wanted there; none if nothing can stand at this path.
    """

    steps: tuple[Step, ...]
    among: tuple[Kind, ...]
    kinds: tuple[Kind, ...]


def find_walk(places: Places, path: PlanPath) -> Walk:
    """The keys and kinds along `path`."""
    steps: list[Step] = []
    kinds: tuple[Kind, ...] = (places.root_kind,)
    among = kinds
    for element in path:
        if isinstance(element, TypeFilter):
            kinds = tuple(
                kind
                for kind in kinds
                if any(places.typenames.is_a(kind.typename, type_) for type_ in element.types)
            )
        elif element != EACH:
            kinds = tuple(kind for kind in kinds if element in kind.keys)
            keys = tuple(kind.keys[element] for kind in kinds)
            if any(key.child is None for key in keys):
                msg = "a path leads through a leaf"
                raise UncompilableError(msg)
            steps.append(Step(among, kinds, keys))
            among = kinds = tuple(
                kind for key in keys if key.child is not None for kind in key.child.kinds.values()
            )
    return Walk(tuple(steps), among, kinds)


def write_walk(walk: Walk, structs: Structs, code: Code) -> str:
    """An iterable over the objects at the end of `walk`, of all kinds that stand there; `top` is the root."""
    if not walk.kinds or any(not step.kinds for step in walk.steps):
        return "EMPTY"
    if not walk.steps:
        return "(top,)"
    parts: list[str] = []
    name = "top"
    for number, step in enumerate(walk.steps):
        if number and number % STEPS_TOGETHER == 0:
            parts = [f"for {name} in [{name} {' '.join(parts)}]"]
        value = f"{name}.{step.keys[0].attribute}"
        is_partial = len(step.kinds) < len(step.among)
        if is_partial:
            parts.append(f"if {write_test(name, step.kinds, structs, code)}")
        depths = {key.list_depth for key in step.keys}
        depth = max(depths)
        if len(depths) > 1 or depth > LIST_DEPTH_MAX:
            msg = "lists of different depth under one key, or too deep"
            raise UncompilableError(msg)
        name = f"o{number}"
        items = f"({value},)"
        for level in range(depth):
            items = f"{value} or EMPTY"
            value = name if level == depth - 1 else f"l{number}_{level}"
            parts.append(f"for {value} in {items}")
        if not depth:
            parts.append(f"for {name} in {items}")
        parts.append(f"if {name}")
    if len(walk.kinds) < len(walk.among):
        parts.append(f"if {write_test(name, walk.kinds, structs, code)}")
    return f"[{name} {' '.join(parts)}]"


def write_test(name: str, kinds: tuple[Kind, ...], structs: Structs, code: Code) -> str:
    """Whether the object `name` is of one of `kinds`."""
    classes = [structs.decoded[kind] for kind in kinds]
    if len(classes) == 1:
        return f"{name}.__class__ is {code.bind(classes[0])}"
    return f"{name}.__class__ in {code.bind(frozenset(classes))}"
