"""DEFAULT_VALUE_USES_INACCESSIBLE: clients would see a default that is made of what they do not see."""

from collections.abc import Iterator

from graphql import (
    EnumTypeDefinitionNode,
    EnumValueNode,
    InputObjectTypeDefinitionNode,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
)

from router.composition.coordinates import Coordinate
from router.composition.visibility import Visibility, is_hidden, named


def check_default_value_uses_inaccessible(view: Visibility) -> None:
    """Check the defaults of all visible arguments and input fields, however deep."""
    for coordinate, given in view.inputs():
        if given.default_value is None or is_hidden(given):
            continue
        for used in _find_hidden(view, named(given.type), given.default_value):
            view.error(
                "DEFAULT_VALUE_USES_INACCESSIBLE",
                f'"{used}" is @inaccessible but is used in the default value of "{coordinate}", which is in the API '
                "schema: hide that too, or change the default",
                coordinate,
            )


def _find_hidden(view: Visibility, type_name: str, value: ValueNode) -> Iterator[Coordinate]:
    target = view.types.get(type_name)
    # That a hidden type is used at all is a fault of its own.
    is_visible = not view.is_type_hidden(type_name)
    if isinstance(value, ListValueNode):
        for item in value.values:
            yield from _find_hidden(view, type_name, item)
    elif isinstance(target, EnumTypeDefinitionNode) and isinstance(value, EnumValueNode):
        if is_visible and any(
            known.name.value == value.value and is_hidden(known) for known in target.values or ()
        ):
            yield Coordinate(type_name, value.value)
    elif isinstance(target, InputObjectTypeDefinitionNode) and isinstance(value, ObjectValueNode):
        fields = {item.name.value: item for item in target.fields or ()}
        for entry in value.fields:
            known_field = fields.get(entry.name.value)
            if known_field is None:
                continue
            if is_visible and is_hidden(known_field):
                yield Coordinate(type_name, entry.name.value)
            yield from _find_hidden(view, named(known_field.type), entry.value)
