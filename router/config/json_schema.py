"""The JSON Schema of `router.yaml`, for editors: what the readers ask for, as a schema."""

from collections.abc import Mapping, Sequence

from router.config.describe import ITEM, NAME, Effect, Option, Path
from router.kit.json import JsonObject

DIALECT = "http://json-schema.org/draft-07/schema#"
EXPANSION: JsonObject = {
    "type": "string",
    "pattern": "\\$\\{(env|file)\\.",
    "description": "${env.NAME}, ${env.NAME:-default}, ${file.path} or ${file.path:-default}.",
}


def build_json_schema(options: Sequence[Option], meanings: Mapping[str, str]) -> JsonObject:
    """The schema; `meanings` has a sentence for each option by its name."""
    below: dict[Path, list[Option]] = {}
    for option in options:
        below.setdefault(option.path[:-1], []).append(option)
    return {
        "$schema": DIALECT,
        "title": "router.yaml",
        **_build_mapping((), below, meanings),
        "definitions": {"expansion": EXPANSION},
    }


def _build_mapping(path: Path, below: Mapping[Path, list[Option]], meanings: Mapping[str, str]) -> JsonObject:
    inner = below.get(path, [])
    named = [option for option in inner if option.path[-1] != NAME]
    schema: JsonObject = {
        # An empty section says nothing, which is allowed.
        "type": ["object", "null"],
        "properties": {option.path[-1]: _build_option(option, below, meanings) for option in named},
        "additionalProperties": False,
    }
    for_any = (*path, NAME)
    if len(named) < len(inner) or for_any in below:
        any_option = next((option for option in inner if option.path[-1] == NAME), None)
        schema["additionalProperties"] = (
            _build_option(any_option, below, meanings)
            if any_option is not None
            else _build_mapping(for_any, below, meanings)
        )
    return schema


def _build_option(
    option: Option, below: Mapping[Path, list[Option]], meanings: Mapping[str, str]
) -> JsonObject:
    forms = [
        _fill(form, option.path, below, meanings) for form in option.form.get("anyOf", [option.form]) if form
    ]
    schema: JsonObject = {}
    if forms:
        schema = {"anyOf": [*forms, {"$ref": "#/definitions/expansion"}, {"type": "null"}]}
    if option.default is not None:
        schema["default"] = option.default
    description = meanings.get(option.general_name)
    if option.effect is not Effect.FULL:
        schema["deprecated"] = True
        description = "Apollo Router's; it has no effect here."
    if description is not None:
        schema["description"] = description
    return schema


def _fill(
    form: JsonObject, path: Path, below: Mapping[Path, list[Option]], meanings: Mapping[str, str]
) -> JsonObject:
    if form == {"type": "object"}:
        return _build_mapping(path, below, meanings)
    if form == {"type": "array"}:
        return {**form, "items": _build_mapping((*path, ITEM), below, meanings)}
    return form
