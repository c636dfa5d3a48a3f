"""REQUIRED_INACCESSIBLE: clients would have to give a value to something that they do not see."""

from router.composition.coordinates import Coordinate
from router.composition.visibility import Visibility, is_hidden, is_required


def check_required_inaccessible(view: Visibility) -> None:
    """Check that hidden arguments and input fields can be left out, also where a type implements them."""
    for coordinate, given in view.inputs():
        if is_hidden(given) and is_required(given):
            view.error(
                "REQUIRED_INACCESSIBLE",
                f'"{coordinate}" is @inaccessible but is required, so that clients could not give it a value: make it '
                "nullable, or give it a default",
                coordinate,
            )
    for node, item in view.fields():
        if is_hidden(item):
            continue
        needed = {a.name.value for a in item.arguments or () if is_required(a) and not is_hidden(a)}
        for interface, promised in view.implemented(node, item.name.value):
            for argument in promised.arguments or ():
                if is_hidden(argument) and argument.name.value in needed:
                    hidden = Coordinate(interface, item.name.value, argument.name.value)
                    visible = hidden._replace(parent=node.name.value)
                    view.error(
                        "REQUIRED_INACCESSIBLE",
                        f'"{hidden}" is @inaccessible but is implemented by "{visible}", which is required and in the '
                        "API schema: make that nullable, or give it a default",
                        hidden,
                    )
