"""ONLY_INACCESSIBLE_CHILDREN: a visible type of which nothing is visible."""

from graphql import NamedTypeNode

from router.composition.coordinates import Coordinate
from router.composition.visibility import Visibility, children, is_hidden


def check_only_inaccessible_children(view: Visibility) -> None:
    """Check that each visible type has a visible field, value or member."""
    for node in view.visible_types:
        parts = children(node)
        if parts and all(
            view.is_type_hidden(part.name.value) if isinstance(part, NamedTypeNode) else is_hidden(part)
            for part in parts
        ):
            name = node.name.value
            view.error(
                "ONLY_INACCESSIBLE_CHILDREN",
                f'Type "{name}" is in the API schema but all of its children are @inaccessible: hide the type itself, '
                "or show one of them",
                Coordinate(name),
            )
