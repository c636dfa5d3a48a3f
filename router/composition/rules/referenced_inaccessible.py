"""REFERENCED_INACCESSIBLE: what clients see has a type that they do not see."""

from router.composition.coordinates import Coordinate
from router.composition.visibility import Visibility, is_hidden, named


def check_referenced_inaccessible(view: Visibility) -> None:
    """Check the types of all visible fields, arguments and input fields."""
    for node, item in view.fields():
        if not is_hidden(item):
            _check(view, Coordinate(node.name.value, item.name.value), named(item.type))
    for coordinate, given in view.inputs():
        if not is_hidden(given):
            _check(view, coordinate, named(given.type))


def _check(view: Visibility, coordinate: Coordinate, name: str) -> None:
    if view.features.owns_type(name):
        # The directives of a spec may have its types; that those are not hidden is a rule of its own.
        if coordinate.parent.startswith("@"):
            return
        reason = "belongs to a linked specification"
    elif view.is_type_hidden(name):
        reason = "is @inaccessible"
    else:
        return
    view.error(
        "REFERENCED_INACCESSIBLE",
        f'Type "{name}" {reason} but is referenced by "{coordinate}", which is in the API schema: hide that too, '
        "or use another type",
        coordinate,
    )
