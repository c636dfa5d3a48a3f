"""Small random edits of subgraph schemas: what a tired developer might commit.

Edits are made on printed lines, so a schema may well stop being valid: other composers then have to refuse it with us.
"""

import re
from collections.abc import Callable, Mapping
from random import Random

from graphql import parse, print_ast

_FIELD = re.compile(r"\s+\w+(?:\(.*\))?: [^{]*$")
_TYPE = re.compile(r"(?:extend )?(type|interface) (\w+)[^{]*\{")
_DIRECTIVE = re.compile(r" @\w+(?:\([^()]*\))?")
_FIELD_SET = re.compile(r'fields: "([^"]*)"')
_ON_FIELDS = (
    "@shareable",
    "@external",
    "@inaccessible",
    '@tag(name: "x")',
    "@deprecated",
    '@override(from: "catalog")',
    '@override(from: "g0", label: "percent(50)")',
    '@requires(fields: "id")',
    '@provides(fields: "id")',
    '@requires(fields: "zzz")',
)
_ON_TYPES = (
    '@key(fields: "id")',
    '@key(fields: "name")',
    '@key(fields: "id", resolvable: false)',
    "@shareable",
    "@inaccessible",
    '@tag(name: "t")',
    "@interfaceObject",
    "@external",
)
_ARGUMENTS = ("(a: Int)", "(a: Int!)", "(a: Int = 1)", "(a: [String!], b: ID)")

Lines = list[str]
Edit = Callable[[Random, Lines], None]


def mutate(subgraphs: Mapping[str, str], random: Random) -> dict[str, str]:
    """The same subgraphs after one to three edits; the caller's stay as they are."""
    lines = {name: print_ast(parse(sdl)).splitlines() for name, sdl in subgraphs.items()}
    for _ in range(random.choice((1, 1, 2, 3))):
        name = random.choice(sorted(lines))
        random.choice(_EDITS)(random, lines[name])
    return {name: "\n".join(text) for name, text in lines.items()}


def _pick(random: Random, lines: Lines, pattern: re.Pattern[str]) -> int | None:
    found = [i for i, line in enumerate(lines) if pattern.match(line)]
    return random.choice(found) if found else None


def _drop_field(random: Random, lines: Lines) -> None:
    i = _pick(random, lines, _FIELD)
    if i is not None:
        del lines[i]


def _mark_field(random: Random, lines: Lines) -> None:
    i = _pick(random, lines, _FIELD)
    if i is not None:
        lines[i] += f" {random.choice(_ON_FIELDS)}"


def _mark_type(random: Random, lines: Lines) -> None:
    i = _pick(random, lines, _TYPE)
    if i is not None:
        lines[i] = lines[i].replace("{", f"{random.choice(_ON_TYPES)} {{", 1)


def _drop_directive(random: Random, lines: Lines) -> None:
    found = [
        (i, match)
        for i, line in enumerate(lines)
        if "@link" not in line
        for match in _DIRECTIVE.finditer(line)
    ]
    if found:
        i, match = random.choice(found)
        lines[i] = lines[i][: match.start()] + lines[i][match.end() :]


def _change_type(random: Random, lines: Lines) -> None:
    i = _pick(random, lines, _FIELD)
    if i is not None:
        head, _, tail = lines[i].rpartition(": ") if "(" not in lines[i] else lines[i].partition("): ")
        declared, space, rest = tail.partition(" ")
        changed = random.choice(
            (declared.rstrip("!"), f"{declared.rstrip('!')}!", f"[{declared}]", "String", "Int!")
        )
        joint = ": " if "(" not in lines[i] else "): "
        lines[i] = f"{head}{joint}{changed}{space}{rest}"


def _add_arguments(random: Random, lines: Lines) -> None:
    i = _pick(random, lines, _FIELD)
    if i is not None and "(" not in lines[i].partition(":")[0]:
        name, _, rest = lines[i].partition(":")
        lines[i] = f"{name}{random.choice(_ARGUMENTS)}:{rest}"


def _copy_field(random: Random, lines: Lines) -> None:
    i, j = _pick(random, lines, _FIELD), _pick(random, lines, _TYPE)
    if i is not None and j is not None:
        lines.insert(j + 1, lines[i])


def _change_kind(random: Random, lines: Lines) -> None:
    i = _pick(random, lines, _TYPE)
    if i is not None:
        other = {"type": "interface", "interface": "type"}
        lines[i] = re.sub(r"\b(type|interface)\b", lambda match: other[match[1]], lines[i], count=1)


def _extend(random: Random, lines: Lines) -> None:
    i = _pick(random, lines, _TYPE)
    if i is not None:
        lines[i] = (
            lines[i].removeprefix("extend ") if lines[i].startswith("extend ") else f"extend {lines[i]}"
        )


def _change_field_set(random: Random, lines: Lines) -> None:
    found = [(i, match) for i, line in enumerate(lines) for match in _FIELD_SET.finditer(line)]
    if found:
        i, match = random.choice(found)
        words = match[1].split()
        if len(words) > 1 and random.random() < 0.5:
            words.pop(random.randrange(len(words)))
        else:
            words.append(random.choice(("id", "name", "__typename", "zzz", "title")))
        lines[i] = f"{lines[i][: match.start(1)]}{' '.join(words)}{lines[i][match.end(1) :]}"


_EDITS: tuple[Edit, ...] = (
    _drop_field,
    _mark_field,
    _mark_field,
    _mark_type,
    _mark_type,
    _drop_directive,
    _change_type,
    _add_arguments,
    _copy_field,
    _change_kind,
    _extend,
    _change_field_set,
)
