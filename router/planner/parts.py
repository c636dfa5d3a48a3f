"""What each part of a response holds, where fragments are deferred: the primary part, and one for each deferral."""

from dataclasses import dataclass, field

from router.operation.need import Deferral, Need
from router.planner.print_operation import print_client_field


@dataclass(slots=True, eq=False)
class Part:
    """One part of the response.

    Attributes:
        deferral: None for the primary part.
        subselection: what it holds, as text; None if that is nothing but the objects on the way to other parts.
        inner: the parts that are deferred within it, in order.
    """

    deferral: Deferral | None
    subselection: str | None = None
    inner: list["Part"] = field(default_factory=list)


def read_parts(need: Need) -> Part:
    """The primary part of an operation, with all that is deferred in it."""
    reader = _Reader()
    primary = Part(None)
    reader.parts[None] = primary
    primary.subselection = reader.print_need(need, None, ())
    while reader.begun:
        begun, at = next(iter(reader.begun.items()))
        del reader.begun[begun]
        part = reader.parts[begun] = Part(begun)
        part.subselection = reader.print_need(at, begun, _list_conditions(begun))
    parts = reader.parts
    for deferral in tuple(parts):
        outer = deferral.outer if deferral is not None else None
        while outer not in parts:
            # Nothing is in it but what is deferred once more.
            assert outer is not None, "the primary part is there"
            parts[outer] = Part(outer)
            outer = outer.outer
    deferred = [(deferral, part) for deferral, part in parts.items() if deferral is not None]
    for each, part in sorted(deferred, key=lambda pair: pair[0].number):
        parts[each.outer].inner.append(part)
    return primary


def _list_conditions(deferral: Deferral) -> tuple[str, ...]:
    """The type conditions at the end of its path, which its subselection does not repeat."""
    conditions: list[str] = []
    for element in reversed(deferral.path):
        if not element.startswith("... on "):
            break
        conditions.insert(0, element.removeprefix("... on "))
    return tuple(conditions)


class _Reader:
    def __init__(self) -> None:
        self.parts: dict[Deferral | None, Part] = {}
        # Deferrals met that have not been read, each with the need that its fields stand in.
        self.begun: dict[Deferral, Need] = {}

    def print_need(self, need: Need, part: Deferral | None, passed: tuple[str, ...]) -> str | None:
        """Print what of `need` is in `part`, which has begun there; `passed` type conditions are not printed."""
        selected = self._list_selected(need, part, passed, need)
        return "{ " + " ".join(selected) + " }" if selected else None

    def _list_selected(
        self, need: Need, part: Deferral | None, passed: tuple[str, ...], at: Need
    ) -> list[str]:
        selected: list[str] = []
        for item in need.fields:
            if item.hidden:
                continue
            if item.deferral is not part:
                if item.deferral is not None and item.deferral not in self.parts:
                    self.begun.setdefault(item.deferral, at)
                continue
            below = self.print_need(item.need, None, ()) if item.need is not None else None
            if item.need is None or below is not None:
                selected.append(print_client_field(item, below))
        for arm in need.arms:
            if passed and arm.type_name == passed[0]:
                selected += self._list_selected(arm.need, part, passed[1:], at)
                continue
            inner = self._list_selected(arm.need, part, (), at)
            if inner:
                selected.append(f"... on {arm.type_name} {{ {' '.join(inner)} }}")
        return selected
