"""Paths into a JSON value, in the small part of jq's language that Apollo Router's `insert.path` is used with."""

import re
from dataclasses import dataclass

from router.kit.json import JsonValue

_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_-]*)|\.?\[([0-9]{1,9})\]|\.?\[\"([^\"\\]*)\"\]")


@dataclass(frozen=True, slots=True)
class JsonPath:
    """Keys of objects and indexes of lists, from the outside in."""

    steps: tuple[str | int, ...]

    def find(self, value: JsonValue) -> JsonValue:
        """What stands there; None if nothing does."""
        for step in self.steps:
            if isinstance(step, str):
                value = value.get(step) if isinstance(value, dict) else None
            else:
                value = value[step] if isinstance(value, list) and step < len(value) else None
            if value is None:
                return None
        return value


def read_json_path(text: str) -> JsonPath:
    """Read `.variables.input.id`, `.extensions["x-y"].list[0]`.

    Raises:
        ValueError: it is no such path.
    """
    steps: list[str | int] = []
    position = 0
    while position < len(text):
        found = _STEP.match(text, position)
        if found is None:
            raise ValueError(f'{text[position:]!r} is no step such as .name, [0] or ["name"]')
        name, index, quoted = found.groups()
        steps.append(int(index) if index is not None else name or quoted or "")
        position = found.end()
    if not steps:
        raise ValueError("the path is empty")
    return JsonPath(tuple(steps))
