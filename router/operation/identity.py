"""What an operation asks, as a text that is the same however the operation was written.

White space, comments, the operation's name, fragments and the order of definitions make no difference; the order of fields
does, since a plan asks in that order. The text is an operation of the same normal form, so it can be read again.
"""

from hashlib import blake2b

from router.kit.json import write_json
from router.operation.need import TYPENAME, Need, NeedField
from router.operation.normalize import NormalizedOperation

_DIGEST_BYTES = 16


def identify_operation(operation: NormalizedOperation) -> bytes:
    """A digest of what the operation asks: the same for those that a plan can serve alike."""
    return blake2b(print_normal_form(operation).encode(), digest_size=_DIGEST_BYTES).digest()


def print_normal_form(operation: NormalizedOperation) -> str:
    """The normal form as an operation without a name."""
    declared = ",".join(f"${each.name}:{each.type}{each.default}" for each in operation.variables.values())
    parts = [operation.kind.value, f"({declared})" if declared else ""]
    _print_need(operation.need, parts)
    return "".join(parts)


def _print_need(need: Need, parts: list[str]) -> None:
    parts.append("{")
    for item in need.fields:
        _print_field(item, parts)
    for arm in need.arms:
        parts.append(f"... on {arm.type_name}")
        _print_need(arm.need, parts)
    if not need.fields and not need.arms:
        parts.append(f"{TYPENAME}@include(if:false)")
    parts.append("}")


def _print_field(item: NeedField, parts: list[str]) -> None:
    if item.deferral is not None:
        # Parts are known by the places of their directives.
        told = f"{item.deferral.number} {item.deferral.place} {item.deferral.label}"
        parts.append(f"...@defer(label:{write_json(told).decode()}){{")
    # A directive may stand only once on one field, so each condition goes around it.
    parts += (
        f"...@{'include' if wanted else 'skip'}(if:${name}){{" for name, wanted in sorted(item.conditions)
    )
    parts.append(item.name if item.key == item.name else f"{item.key}:{item.name}")
    if item.arguments:
        parts.append(f"({','.join(f'{name}:{value}' for name, value in item.arguments)})")
    if item.need is not None:
        _print_need(item.need, parts)
    parts.append("}" * (len(item.conditions) + (item.deferral is not None)) or " ")
