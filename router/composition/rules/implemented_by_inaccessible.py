"""IMPLEMENTED_BY_INACCESSIBLE: clients see what an interface promises, and not how a type keeps it."""

from collections.abc import Iterator

from router.composition.coordinates import Coordinate
from router.composition.visibility import Visibility, is_hidden


def check_implemented_by_inaccessible(view: Visibility) -> None:
    """Check that hidden fields and arguments implement hidden ones only."""
    for hidden, promised in _find(view):
        view.error(
            "IMPLEMENTED_BY_INACCESSIBLE",
            f'"{hidden}" is @inaccessible but implements "{promised}" of an interface, which is in the API schema: '
            "hide both or none",
            hidden,
        )


def _find(view: Visibility) -> Iterator[tuple[Coordinate, Coordinate]]:
    for node, item in view.fields():
        name = item.name.value
        for interface, promised in view.implemented(node, name):
            if is_hidden(item):
                yield Coordinate(node.name.value, name), Coordinate(interface, name)
                continue
            visible = {a.name.value for a in promised.arguments or () if not is_hidden(a)}
            for argument in item.arguments or ():
                if is_hidden(argument) and argument.name.value in visible:
                    yield (
                        Coordinate(node.name.value, name, argument.name.value),
                        Coordinate(interface, name, argument.name.value),
                    )
