"""Code that collects the representations of one entity selection, each distinct one once."""

from collections.abc import Callable
from typing import Any

from graphql import GraphQLEnumType, get_named_type
from msgspec import UNSET

from router.executor.compiled.code import Code, indent
from router.executor.compiled.layouts import Layout, LayoutField
from router.executor.compiled.places import Key, Kind
from router.executor.compiled.types import Structs
from router.executor.compiled.walk import Walk, write_walk

_EXACT_KEYS = frozenset({"ID", "String", "Int", "Boolean"})
"""Scalars of which equal values have equal texts, as the decoder lets them pass."""


class AbsentError(Exception):
    """A part of a representation has not been fetched."""


def write_collect(
    name: str, walks: list[Walk], layouts: dict[Kind, Layout | None], structs: Structs, code: Code
) -> str:
    """A function of the run that gives the representations, and for each the objects that it stands for.

    An object that cannot be represented leaves a gap: what the fetch would have brought stays unset.
    """
    is_by_text = any(layout is not None and _needs_text(layout) for layout in layouts.values())
    numbers: dict[tuple[str | None, ...], int] = {}
    for layout in layouts.values():
        if layout is not None:
            numbers.setdefault(_identify(layout), len(numbers))
    body: list[str] = []
    for kind, layout in layouts.items():
        lines = ["run.gaps = True"]
        if layout is not None:
            number = numbers[_identify(layout)] if len(numbers) > 1 else None
            lines = _write_one(kind, layout, number, structs, code, is_by_text=is_by_text)
        body += _under_class(kind, lines, structs, code, is_alone=len(layouts) == 1)
    loops = ", ".join(write_walk(walk, structs, code) for walk in walks)
    return code.define(
        name,
        "run",
        [
            "top = run.top; groups = []; representations = []; seen = {}; get = seen.get",
            f"for objects in ({loops},):",
            " for o in objects:",
            *indent(indent(body or ["pass"])),
            "return representations, groups",
        ],
    )


def _under_class(kind: Kind, lines: list[str], structs: Structs, code: Code, *, is_alone: bool) -> list[str]:
    if is_alone:
        return lines
    return [f"if o.__class__ is {code.bind(structs.decoded[kind])}:", *indent([*lines, "continue"])]


def _write_one(
    kind: Kind, layout: Layout, number: int | None, structs: Structs, code: Code, *, is_by_text: bool
) -> list[str]:
    lines: list[str] = []
    values: dict[LayoutField, str] = {}
    checks: list[str] = []
    is_ever_absent = False
    for i, field in enumerate(layout.fields):
        if field.key is None:
            values[field] = code.bind(field.constant)
            continue
        values[field] = f"x{i}"
        read = f"o.{field.key.attribute}"
        if may_be_unset(kind, field.key):
            lines += [f"x{i} = {read}", f"if x{i} is UNSET: run.gaps = True; continue"]
        if field.nested is not None:
            is_ever_absent = True
            function = code.bind(_build_projection(field.nested, structs))
            lines += ["try:", f" x{i} = {function}({read})", "except AbsentError: run.gaps = True; continue"]
        elif not may_be_unset(kind, field.key):
            lines.append(f"x{i} = {read}")
        checks.append(f"x{i} is None")
    if is_ever_absent:
        code.namespace["AbsentError"] = AbsentError
    if checks:
        lines.append(f"if {' and '.join(checks)}: run.gaps = True; continue")
    built = "{" + ", ".join(f"{code.bind(field.name)}: {values[field]}" for field in layout.fields) + "}"
    if is_by_text:
        lines += [f"r = {built}", "k = encode(r)"]
        built = "r"
    else:
        parts = [values[field] for field in layout.identifying]
        if number is not None:
            parts.insert(0, str(number))
        lines.append(f"k = {parts[0]}" if len(parts) == 1 else f"k = ({', '.join(parts)})")
    return [
        *lines,
        "t = get(k)",
        "if t is None:",
        f" seen[k] = t = [o]; groups.append(t); representations.append({built})",
        "else: t.append(o)",
    ]


def may_be_unset(kind: Kind, key: Key) -> bool:
    """Whether an object of `kind` may be without `key` when it is decoded."""
    return not kind.place.sources or not kind.place.sources <= key.sources


def _identify(layout: Layout) -> tuple[str | None, ...]:
    return tuple(part for field in layout.fields for part in (field.name, field.constant))


def _needs_text(layout: Layout) -> bool:
    return not layout.identifying or any(_is_inexact(field) for field in layout.identifying)


def _is_inexact(field: LayoutField) -> bool:
    if field.nested is not None or field.key is None or field.key.type is None or field.key.list_depth:
        return True
    named = get_named_type(field.key.type)
    return named.name not in _EXACT_KEYS and not isinstance(named, GraphQLEnumType)


def _build_projection(nested: dict[Kind, Layout | None], structs: Structs) -> Callable[[Any], Any]:
    """A function that takes of a value, or of each in a list, what its kind's layout says."""
    parts: dict[type, list[tuple[str, str | None, str | None, Callable[[Any], Any] | None]] | None] = {}
    for kind, layout in nested.items():
        parts[structs.decoded[kind]] = (
            None
            if layout is None
            else [
                (
                    field.name,
                    field.constant,
                    field.key.attribute if field.key is not None else None,
                    _build_projection(field.nested, structs) if field.nested is not None else None,
                )
                for field in layout.fields
            ]
        )

    def project(value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, list):
            return [project(item) for item in value]
        fields = parts[value.__class__]
        if fields is None:
            raise AbsentError
        projected: dict[str, Any] = {}
        for name, constant, attribute, below in fields:
            found = constant if attribute is None else getattr(value, attribute)
            if found is UNSET:
                raise AbsentError
            projected[name] = found if below is None else below(found)
        return projected

    return project
