"""Code that collects the representations of one entity selection, each distinct one once.

What it gives for each representation is the object that it stands for, or a list of them if they are more:
of a thousand different entities the cycle collector then sees one list, not a thousand. Beside that it gives how many
objects there are more than representations, at most.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from msgspec import UNSET, Struct, defstruct

from router.executor.compiled.alike import can_join, is_exact, is_made_once, write_joining
from router.executor.compiled.code import Code, indent
from router.executor.compiled.layouts import Layout, LayoutField
from router.executor.compiled.places import Key, Kind, UncompilableError
from router.executor.compiled.types import Structs
from router.executor.compiled.walk import Walk, write_walk
from router.operation.shape import TYPENAME

_SKIP = "run.gaps = True; continue"
"""An object that cannot be represented: what the fetch would have brought stays unset."""


class AbsentError(Exception):
    """A part of a representation has not been fetched."""


@dataclass(frozen=True, slots=True, eq=False)
class Collection:
    """What one entity selection collects.

    Attributes:
        layouts: of all kinds that may stand at the end of `walks`.
    """

    source: int
    walks: list[Walk]
    layouts: dict[Kind, Layout | None]

    def can_reuse(self, earlier: "Collection") -> bool:
        """Whether objects that `earlier` found alike are alike here, and no others are to be found.

        So it is if both look at the same places, which one source each has made, and what is required beyond
        the earlier representation has come with the earlier answer.
        """
        return (
            {(walk.steps, walk.kinds) for walk in self.walks}
            == {(walk.steps, walk.kinds) for walk in earlier.walks}
            and all(map(is_made_once, self.walks))
            and all(
                _extends(layout, earlier.layouts[kind], earlier.source)
                for kind, layout in self.layouts.items()
            )
        )


def _extends(layout: Layout | None, earlier: Layout | None, source: int) -> bool:
    """Whether `layout` is `earlier` and more, all of it from `source`."""
    if layout is None or earlier is None:
        return False
    known = {(field.name, field.key) for field in earlier.identifying if field.nested is None}
    more = [field for field in layout.identifying if (field.name, field.key) not in known]
    return (
        bool(more)
        and len(known) == len(earlier.identifying) == len(layout.identifying) - len(more)
        and all(
            field.nested is None and field.key is not None and field.key.sources == {source} for field in more
        )
    )


def write_collect(
    collection: Collection, earlier: Collection | None, structs: Structs, code: Code
) -> Callable[[Any], Any]:
    """A function of the run that gives the representations, for each the objects that it stands for, and how many more these are."""
    known = [layout for layout in collection.layouts.values() if layout is not None]
    classes: dict[tuple[str | None, ...], type[Struct]] = {}
    for each in known:
        if _identify(each) not in classes:
            classes[_identify(each)] = _define_representation(each)
    numbers = {identity: number for number, identity in enumerate(classes)}
    is_by_text = any(_needs_text(each) for each in known)
    bodies: dict[Kind, list[str]] = {}
    for kind, layout in collection.layouts.items():
        if layout is None:
            bodies[kind] = [_SKIP]
            continue
        lines = _write_values(kind, layout, structs, code)
        values = ", ".join(f"x{i}" for i in range(len(layout.identifying)))
        made = f"{code.bind(classes[_identify(layout)])}({values})"
        number = numbers[_identify(layout)] if len(numbers) > 1 else None
        if earlier is not None:
            lines.append(f"targets.append(t); representations.append({made})")
        else:
            lines += _write_grouping(layout, made, number, is_by_text=is_by_text)
        bodies[kind] = lines
    if earlier is not None:
        loop = [
            f"representations = []; targets = []; more = run.more.get({earlier.source}, 0)",
            f"for t in run.targets.get({earlier.source}) or EMPTY:",
            " o = t[0] if t.__class__ is list else t",
            *indent(_choose(bodies, structs, code)),
        ]
    else:
        loop = ["top = run.top; representations = []; seen = {}; get = seen.get; more = 0"]
        loop += _write_loops(collection, bodies, structs, code)
        loop.append("targets = list(seen.values()); more -= len(targets)")
    source = collection.source
    end = [
        f"run.targets[{source}] = targets; run.more[{source}] = more",
        "return representations, targets, more",
    ]
    return code.load(code.define(f"collect_{source}", "run", [*loop, *end]))


def _write_loops(
    collection: Collection, bodies: dict[Kind, list[str]], structs: Structs, code: Code
) -> list[str]:
    """Do for each object what `bodies` has for its kind."""
    loops: list[str] = []

    # Places at which the same lines do need no look at the class of an object.
    def find_lines(walk: Walk) -> list[str]:
        return _choose({kind: bodies[kind] for kind in walk.kinds}, structs, code)

    def find_objects(number: int, walk: Walk) -> str:
        layout = collection.layouts[walk.kinds[0]] if walk.kinds else None
        identity = [field.key for field in layout.identifying if field.key is not None] if layout else []
        if not can_join(walk, identity):
            return write_walk(walk, structs, code)
        name = f"objects{number}"
        loops.extend(write_joining(name, walk, identity, structs, code))
        return name

    for lines, walks in groupby(collection.walks, key=find_lines):
        written = ", ".join(find_objects(number, walk) for number, walk in enumerate(walks))
        body = ["more += len(objects)", "for o in objects:", *indent(lines)]
        loops += [f"for objects in ({written},):", *indent(body)]
    return loops


def _choose(bodies: dict[Kind, list[str]], structs: Structs, code: Code) -> list[str]:
    """The lines for the object `o`, by its kind; what is the same for all kinds as it is."""
    if all(lines == next(iter(bodies.values())) for lines in bodies.values()):
        return next(iter(bodies.values()), ["pass"])
    return [
        line
        for kind, lines in bodies.items()
        for line in (
            f"if o.__class__ is {code.bind(structs.decoded[kind])}:",
            *indent([*lines, "continue"]),
        )
    ]


def _write_values(kind: Kind, layout: Layout, structs: Structs, code: Code) -> list[str]:
    """Read the values of one object `o` into `x0`, `x1`..., and skip it if it has no representation."""
    lines: list[str] = []
    checks: list[str] = []
    for i, field in enumerate(layout.identifying):
        assert field.key is not None
        read = f"o.{field.key.attribute}"
        lines.append(f"x{i} = {read}")
        if may_be_unset(kind, field.key):
            lines.append(f"if x{i} is UNSET: {_SKIP}")
        if field.nested is not None:
            project = code.bind(_build_projection(field.nested, structs))
            lines += ["try:", f" x{i} = {project}(x{i})", f"except {code.bind(AbsentError)}: {_SKIP}"]
        checks.append(f"x{i} is None")
    if checks:
        lines.append(f"if {' and '.join(checks)}: {_SKIP}")
    return lines


def _define_representation(layout: Layout) -> type[Struct]:
    """The class of a representation, which is made of the values of `layout.identifying`."""
    values = layout.identifying
    names = [field.name for field in layout.fields]
    tag: dict[str, Any] = {}
    if TYPENAME in names:
        if names[0] != TYPENAME:
            msg = "a representation that does not begin with its typename"
            raise UncompilableError(msg)
        tag = {"tag_field": TYPENAME, "tag": layout.fields[0].constant}
    attributes = [(f"a{i}", Any) for i in range(len(values))]
    rename = {f"a{i}": field.name for i, field in enumerate(values)}
    made: type[Struct] = defstruct("Representation", attributes, rename=rename, gc=False, **tag)
    return made


def _write_grouping(layout: Layout, made: str, number: int | None, *, is_by_text: bool) -> list[str]:
    lines: list[str] = []
    key = "k"
    if is_by_text:
        lines += [f"r = {made}", "k = encode(r)"]
        made = "r"
    else:
        parts = [f"x{i}" for i in range(len(layout.identifying))]
        if number is not None:
            parts.insert(0, str(number))
        if len(parts) == 1:
            key = parts[0]
        else:
            lines.append(f"k = ({', '.join(parts)})")
    return [
        *lines,
        f"t = get({key})",
        f"if t is None: seen[{key}] = o; representations.append({made})",
        "elif t.__class__ is list: t.append(o)",
        f"else: seen[{key}] = [t, o]",
    ]


def may_be_unset(kind: Kind, key: Key) -> bool:
    """Whether an object of `kind` may be without `key` when it is decoded."""
    return not kind.place.sources or not kind.place.sources <= key.sources


def _identify(layout: Layout) -> tuple[str | None, ...]:
    return tuple(part for field in layout.fields for part in (field.name, field.constant))


def _needs_text(layout: Layout) -> bool:
    return not layout.identifying or any(_is_inexact(field) for field in layout.identifying)


def _is_inexact(field: LayoutField) -> bool:
    return (
        field.nested is not None or field.key is None or bool(field.key.list_depth) or not is_exact(field.key)
    )


def _build_projection(nested: dict[Kind, Layout | None], structs: Structs) -> Callable[[Any], Any]:
    """A function that takes of a value, or of each in a list, what its kind's layout says."""
    parts = {
        structs.decoded[kind]: _build_parts(layout, structs) if layout is not None else None
        for kind, layout in nested.items()
    }

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


def _build_parts(
    layout: Layout, structs: Structs
) -> list[tuple[str, str | None, str | None, Callable[[Any], Any] | None]]:
    return [
        (
            field.name,
            field.constant,
            field.key.attribute if field.key is not None else None,
            _build_projection(field.nested, structs) if field.nested is not None else None,
        )
        for field in layout.fields
    ]
