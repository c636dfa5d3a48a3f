"""Paths into a JSON value: the small parts of jq's language and of JSONPath that Apollo Router's options are used with."""

import re
from dataclasses import dataclass

from router.kit.json import JsonValue

_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_-]*)|\.?\[([0-9]{1,9})\]|\.?\[\"([^\"\\]*)\"\]|\.?\[(\*)\]")

ROOT = "$"
"""What a JSONPath begins with."""


@dataclass(frozen=True, slots=True)
class JsonPath:
    """Keys of objects and indexes of lists, from the outside in; None stands for every item of a list."""

    steps: tuple[str | int | None, ...]

    def find(self, value: JsonValue) -> JsonValue:
        """What stands there, a list of it where the path goes through every item; None if nothing does."""
        for i, step in enumerate(self.steps):
            if step is None:
                below = JsonPath(self.steps[i + 1 :])
                items = [below.find(item) for item in value] if isinstance(value, list) else []
                return [item for item in items if item is not None] or None
            if isinstance(step, str):
                value = value.get(step) if isinstance(value, dict) else None
            else:
                value = value[step] if isinstance(value, list) and step < len(value) else None
            if value is None:
                return None
        return value


def read_json_path(text: str) -> JsonPath:
    """Read `.variables.input.id`, `.extensions["x-y"].list[0]`, or a JSONPath: `$.products[*].price`, `$` for all there is.

    Raises:
        ValueError: it is no such path.
    """
    steps: list[str | int | None] = []
    position = int(text.startswith(ROOT))
    while position < len(text):
        found = _STEP.match(text, position)
        if found is None:
            raise ValueError(f'{text[position:]!r} is no step such as .name, [0] or ["name"]')
        name, index, quoted, every = found.groups()
        steps.append(None if every else int(index) if index is not None else name or quoted or "")
        position = found.end()
    if not steps and text != ROOT:
        raise ValueError("the path is empty")
    return JsonPath(tuple(steps))
