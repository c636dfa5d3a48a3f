"""One request instead of two for the same objects and subgraph, where waiting costs nothing.

A field that could be fetched early rides with a later fetch for the same position, if nothing waits for it;
two fetches that become ready together merge whatever waits for them.
"""

from router.operation.need import ALWAYS
from router.planner.fetch_graph import EntityInput, Step, by_slot
from router.planner.optimize.graph import ancestors, children, depths
from router.planner.print_operation import print_selection
from router.query_plan.nodes import RequiredField, RequiredFragment, RequiredSelection


def merge_riders(steps: list[Step]) -> list[Step]:
    """Merge steps until no two can be; gives those left, in order."""
    merged = True
    while merged:
        merged = False
        by_place: dict[tuple[int, str], list[Step]] = {}
        for step in steps:
            by_place.setdefault((step.position.id, step.graph), []).append(step)
        for group in by_place.values():
            pair = _find_pair(group, steps)
            if pair is not None:
                _merge(*pair, steps)
                steps = [step for step in steps if step is not pair[0]]
                merged = True
                break
    return steps


def _find_pair(group: list[Step], steps: list[Step]) -> tuple[Step, Step] | None:
    if len(group) < 2:  # noqa: PLR2004 - a pair is two
        return None
    depth = depths(steps)
    waiting = children(steps)
    for rider in group:
        for carrier in group:
            if rider is carrier or not rider.inputs or not carrier.inputs:
                continue
            is_later = depth[carrier] >= depth[rider] and not waiting[rider]
            together = carrier.parents == rider.parents and rider.id > carrier.id
            if (is_later or together) and _is_independent(rider, carrier) and _fit(rider, carrier):
                return rider, carrier
    return None


def _is_independent(one: Step, other: Step) -> bool:
    return one not in ancestors(other) and other not in ancestors(one)


def _fit(one: Step, other: Step) -> bool:
    """Whether one representation can hold the inputs of both, and each object is asked only what it was."""
    if one.deferral is not other.deferral:
        return False
    if not _runs_with_parents(one, other) or not _tells_apart(one, other) or not _fit_contexts(one, other):
        return False
    if one.ambient != other.ambient:
        # What one sends may be selected under its own conditions only.
        return _inputs(one) == _inputs(other)
    return all(
        _fit_selections(given.selections, other.inputs[slot].selections)
        for slot, given in one.inputs.items()
        if slot in other.inputs
    )


def _fit_contexts(one: Step, other: Step) -> bool:
    """Whether all objects of both have the values that either is told, each variable one."""
    depth = len(one.position.path)
    if any(given.depth == depth for step in (one, other) for given in step.contexts.values()):
        # Values of the objects themselves are those of one type.
        return one.inputs.keys() == other.inputs.keys()
    return all(other.contexts.get(name, given) == given for name, given in one.contexts.items())


def _inputs(step: Step) -> dict[tuple[str, str | None], dict[str, RequiredSelection]]:
    return {slot: given.selections for slot, given in step.inputs.items()}


def _runs_with_parents(one: Step, other: Step) -> bool:
    """Whether the merged step runs only when all run that it takes its inputs from."""
    conditions = one.conditions & other.conditions
    return all(parent.conditions <= conditions for parent in one.parents | other.parents)


def _tells_apart(one: Step, other: Step) -> bool:
    """Whether the subgraph can tell the types of both apart, unless it is asked the same for all."""
    return all(
        print_selection(one.selection.fragments[name], ALWAYS, set())
        == print_selection(other.selection.fragments[name], ALWAYS, set())
        for name in _told(one) & _told(other)
        if _types_told(one, name) != _types_told(other, name)
    )


def _told(step: Step) -> set[str]:
    """The type names that stand for others in what the subgraph is told."""
    return {told for _, told in step.inputs if told is not None}


def _types_told(step: Step, name: str) -> set[str]:
    return {type_name for type_name, told in step.inputs if told == name}


def _fit_selections(one: dict[str, RequiredSelection], other: dict[str, RequiredSelection]) -> bool:
    for slot, mine in one.items():
        theirs = other.get(slot)
        if theirs is None:
            continue
        if _key(mine) != _key(theirs):
            return False
        if not _fit_selections(by_slot(mine.selections), by_slot(theirs.selections)):
            return False
    return True


def _key(selection: RequiredSelection) -> str:
    return selection.response_key if isinstance(selection, RequiredField) else selection.type_condition


def _merge(rider: Step, carrier: Step, steps: list[Step]) -> None:
    carrier.selection.merge(rider.selection)
    carrier.parents |= rider.parents
    if rider.demand is not None:
        carrier.want(rider.demand)
    carrier.ambient |= rider.ambient
    carrier.contexts |= rider.contexts
    for slot, given in rider.inputs.items():
        own = carrier.inputs.setdefault(slot, EntityInput(*slot))
        own.selections = _unite(own.selections, given.selections)
    for step in steps:
        if rider in step.parents:
            step.parents.discard(rider)
            step.parents.add(carrier)


def _unite(
    one: dict[str, RequiredSelection], other: dict[str, RequiredSelection]
) -> dict[str, RequiredSelection]:
    united = dict(one)
    for slot, theirs in other.items():
        mine = united.get(slot)
        if mine is None:
            united[slot] = theirs
            continue
        inner = tuple(_unite(by_slot(mine.selections), by_slot(theirs.selections)).values())
        if isinstance(mine, RequiredField):
            united[slot] = RequiredField(mine.name, mine.response_key, inner)
        else:
            united[slot] = RequiredFragment(mine.type_condition, inner)
    return united
