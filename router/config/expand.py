"""Values from the environment and from files: `${env.NAME}`, `${env.NAME:-default}`, `${file.path}`.

`$$` stands for `$`. Only values are expanded, never keys, and what an expansion gives is not expanded
again. A value that is nothing but one expansion is read as YAML would read it: `${env.PORT}` can be a
number. Spec: Apollo Router, configuration, "Variable expansion".
"""

import re
from collections.abc import Mapping
from pathlib import Path

import yaml

from router.kit.json import JsonValue

_EXPANSION = re.compile(r"\$\$|\$\{(?P<mode>[a-z]+)\.(?P<name>[^}:]+?)(?::-(?P<default>[^}]*))?\}")


def expand(value: JsonValue, environment: Mapping[str, str], problems: list[str]) -> JsonValue:
    """The value with everything expanded; what cannot be is added to `problems`."""
    if isinstance(value, dict):
        return {key: expand(inner, environment, problems) for key, inner in value.items()}
    if isinstance(value, list):
        return [expand(inner, environment, problems) for inner in value]
    if not isinstance(value, str) or "$" not in value:
        return value

    def replace(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        found = _look_up(match["mode"], match["name"], environment)
        if found is None:
            found = match["default"]
        if found is None:
            problems.append(f"{match[0]}: there is no such {_noun(match['mode'])}, and no default")
            return ""
        return found

    expanded = _EXPANSION.sub(replace, value)
    whole = _EXPANSION.fullmatch(value)
    return _read_scalar(expanded) if whole is not None and whole[0] != "$$" else expanded


def _look_up(mode: str, name: str, environment: Mapping[str, str]) -> str | None:
    if mode == "env":
        return environment.get(name)
    if mode == "file":
        try:
            return Path(name).read_text("utf-8").rstrip("\n")
        except OSError:
            return None
    return None


def _noun(mode: str) -> str:
    return {"env": "environment variable", "file": "file"}.get(mode, "kind of expansion")


def _read_scalar(text: str) -> JsonValue:
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    return value if isinstance(value, bool | int | float) else text
