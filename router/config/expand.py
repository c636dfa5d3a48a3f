"""Values from the environment and from files: `${env.NAME}`, `${env.NAME:-default}`, `${file.path}`.

`$$` stands for `$`. Only values are expanded, never keys, and what an expansion gives is not expanded
again. A value that an expansion has changed is read as YAML would read it: `${env.PORT}` can be a number.
`APOLLO_ROUTER_CONFIG_ENV_PREFIX=P` makes `${env.NAME}` ask for `P_NAME`; `APOLLO_ROUTER_CONFIG_SUPPORTED_MODES`
names the kinds of expansion that are allowed, with commas. Where a string is wanted it stays as it is: a password may be `007`.
Spec: Apollo Router, configuration, "Variable expansion".
"""

import re
from collections.abc import Mapping
from pathlib import Path

from router.kit.json import JsonValue

_EXPANSION = re.compile(r"\$\$|\$\{(?P<mode>[A-Za-z]+)\.(?P<name>[^}]+?)(?::-(?P<default>[^}]*))?\}")
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
_BOOLEANS = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}

FILE_BYTES_MAX = 1_000_000
"""Of a file that a value is read from."""

ENV_PREFIX, SUPPORTED_MODES = "APOLLO_ROUTER_CONFIG_ENV_PREFIX", "APOLLO_ROUTER_CONFIG_SUPPORTED_MODES"
MODES = {"env": "environment variable", "file": "file"}


class Expanded(str):
    """What an expansion has given: itself where a string is wanted, and elsewhere what YAML would read."""

    __slots__ = ()


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
        mode = match["mode"]
        if mode not in _list_modes(environment):
            problems.append(
                f"{match[0]}: expansions are of {' or '.join(_list_modes(environment)) or 'no kind'}"
            )
            return ""
        found = _look_up(mode, match["name"], environment)
        if found is None:
            found = match["default"]
        if found is None:
            problems.append(f"{match[0]}: there is no such {MODES[mode]}, and no default")
            return ""
        return found

    expanded = _EXPANSION.sub(replace, value)
    return value if expanded == value else Expanded(expanded)


def _list_modes(environment: Mapping[str, str]) -> list[str]:
    allowed = environment.get(SUPPORTED_MODES)
    given = MODES if allowed is None else {mode.strip() for mode in allowed.split(",")}
    return [mode for mode in MODES if mode in given]


def _look_up(mode: str, name: str, environment: Mapping[str, str]) -> str | None:
    if mode == "env":
        prefix = environment.get(ENV_PREFIX)
        return environment.get(f"{prefix}_{name}" if prefix else name)
    try:
        with Path(name).open("rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
        return content.decode("utf-8").rstrip("\n") if len(content) <= FILE_BYTES_MAX else None
    except (OSError, ValueError):
        return None


def read_expanded(value: JsonValue) -> JsonValue:
    """The value with everything in it that an expansion has given as YAML would read it."""
    if isinstance(value, dict):
        return {key: read_expanded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [read_expanded(inner) for inner in value]
    return _read_scalar(str(value)) if isinstance(value, Expanded) else value


def _read_scalar(text: str) -> JsonValue:
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if set(text) & set(".eE") else int(text)
