"""Where walks begin: at the root types, in all subgraphs at once, but for mutations that several subgraphs share."""

from router.composition.satisfiability.places import Place
from router.composition.satisfiability.visible import VisibleField
from router.composition.satisfiability.walk import Failure, Walk


def walk_roots(walk: Walk) -> list[tuple[str, list[Failure]]]:
    """The failures, in groups, each with its operation kind; with one failure of a group mended, all are.

    Raises:
        TooManyPathsError: there are too many paths.
    """
    return [
        (kind, group) for kind, root in walk.visible.roots().items() for group in _walk_root(walk, kind, root)
    ]


def _walk_root(walk: Walk, kind: str, root: str) -> list[list[Failure]]:
    places = walk.moves.places
    place = places.of(root)
    here = sum(place.put(node) for node in places.declaring(root))
    together, groups = [], []
    for item in walk.visible.fields(root):
        able = places.declared(place, here, item.name)
        if kind == "mutation" and able & (able - 1):
            failures = _walk_apart(walk, place, able, item)
            groups += [failures] if failures else []
        else:
            together.append(item)
    return [[failure] for failure in walk.walk(root, here, together)] + groups


def _walk_apart(walk: Walk, place: Place, here: int, item: VisibleField) -> list[Failure]:
    """A mutation runs once, so one of the subgraphs that share it has to be able to answer all below it."""
    walk.types.compare(place, item, here)
    failures: list[Failure] = []
    for bit, _ in place.members(here):
        found = walk.walk(place.type_name, bit, [item])
        if not found:
            return []
        failures += found
    return failures
