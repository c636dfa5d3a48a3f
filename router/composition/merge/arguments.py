"""Arguments of fields and fields of input objects: intersection, the narrowest type, equal defaults."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from router.composition.context import Merge
from router.composition.merge.descriptions import merge_descriptions
from router.composition.merged import ArgumentSource, Declared, MergedInput, describe_types
from router.composition.report import Site, list_subgraphs
from router.composition.rules.field_argument_default_mismatch import report_field_argument_default_mismatch
from router.composition.rules.field_argument_type_mismatch import report_field_argument_type_mismatch
from router.composition.rules.field_type_mismatch import report_field_type_mismatch
from router.composition.rules.input_field_default_mismatch import report_input_field_default_mismatch
from router.composition.rules.required_argument_missing_in_some_subgraph import (
    report_required_argument_missing_in_some_subgraph,
)
from router.composition.rules.required_input_field_missing_in_some_subgraph import (
    report_required_input_field_missing_in_some_subgraph,
)
from router.composition.subgraph import Argument, Subgraph
from router.composition.type_ref import TypeRef, is_subtype, named_type
from router.supergraph.write import write_value


class _ReportMissing(Protocol):
    def __call__(
        self, merge: Merge, where: str, required: Sequence[str], missing: Sequence[str], sites: Iterable[Site]
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class InputRules:
    """What is said of one kind of input element."""

    told: str
    report_type_mismatch: Callable[[Merge, str, Declared], None]
    report_default_mismatch: Callable[[Merge, str, Mapping[str, list[str]], Iterable[Site]], None]
    report_missing: _ReportMissing
    presence_hint: str
    type_hint: str


FIELD_ARGUMENTS = InputRules(
    "Argument",
    report_field_argument_type_mismatch,
    report_field_argument_default_mismatch,
    report_required_argument_missing_in_some_subgraph,
    "INCONSISTENT_ARGUMENT_PRESENCE",
    "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE",
)
INPUT_FIELDS = InputRules(
    "Input object field",
    report_field_type_mismatch,
    report_input_field_default_mismatch,
    report_required_input_field_missing_in_some_subgraph,
    "INCONSISTENT_INPUT_OBJECT_FIELD",
    "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE",
)


def merge_inputs(
    merge: Merge,
    coordinate: str,
    parents: Sequence[tuple[Subgraph, Mapping[str, Argument]]],
    rules: InputRules,
) -> list[MergedInput]:
    """Merge the arguments of the field `coordinate` (or the fields of the input object), in first-seen order."""
    merged = []
    for name in dict.fromkeys(name for _, arguments in parents for name in arguments):
        sources = [(subgraph, arguments[name]) for subgraph, arguments in parents if name in arguments]
        where = f"{coordinate}({name}:)" if rules is FIELD_ARGUMENTS else f"{coordinate}.{name}"
        item = _merge_input(merge, name, where, sources, rules)
        missing = [subgraph.name for subgraph, arguments in parents if name not in arguments]
        is_kept = not missing or (rules is INPUT_FIELDS and _is_hidden(sources))
        if is_kept:
            merged.append(item)
        else:
            _report_missing(merge, where, sources, missing, rules)
        if is_kept or rules is INPUT_FIELDS:
            merge.inputs_used.add(named_type(item.type))
    return merged


def _merge_input(
    merge: Merge, name: str, where: str, sources: Sequence[ArgumentSource], rules: InputRules
) -> MergedInput:
    default, canonical = _merge_default(merge, where, sources, rules)
    told = ((subgraph, argument.description, argument.node) for subgraph, argument in sources)
    return MergedInput(
        name,
        where,
        _merge_type(merge, where, sources, rules),
        default,
        canonical,
        merge_descriptions(merge, f'{rules.told} "{where}"', told),
        tuple(sources),
    )


def _report_missing(
    merge: Merge, where: str, sources: Sequence[ArgumentSource], missing: Sequence[str], rules: InputRules
) -> None:
    sites = [(subgraph.name, argument.node) for subgraph, argument in sources]
    required = [subgraph.name for subgraph, argument in sources if argument.is_required]
    if required:
        rules.report_missing(merge, where, required, missing, sites)
        return
    merge.report.hint(
        rules.presence_hint,
        f'{rules.told} "{where}" will not be in the supergraph, as it does not appear in all subgraphs: it is defined in '
        f"{list_subgraphs(s.name for s, _ in sources)} but not in {list_subgraphs(missing)}.",
        sites,
    )


def _is_hidden(sources: Sequence[ArgumentSource]) -> bool:
    return any(a.name == "inaccessible" for _, argument in sources for a in argument.directives)


def _merge_type(merge: Merge, where: str, sources: Sequence[ArgumentSource], rules: InputRules) -> TypeRef:
    narrowest = sources[0][1].type
    is_mismatch = False
    for _, argument in sources[1:]:
        if is_subtype(narrowest, argument.type, merge.is_subtype):
            continue
        if is_subtype(argument.type, narrowest, merge.is_subtype):
            narrowest = argument.type
        else:
            is_mismatch = True
    declared = [(subgraph, argument.type, argument.node) for subgraph, argument in sources]
    if is_mismatch:
        rules.report_type_mismatch(merge, where, declared)
    elif any(argument.type != narrowest for _, argument in sources):
        merge.report.hint(
            rules.type_hint,
            f'Type of {rules.told.lower()} "{where}" is inconsistent but compatible across subgraphs: it has '
            f'{describe_types(declared)}. The supergraph will use "{narrowest}".',
            [(subgraph.name, node) for subgraph, _, node in declared],
        )
    return narrowest


def _merge_default(
    merge: Merge, where: str, sources: Sequence[ArgumentSource], rules: InputRules
) -> tuple[str | None, str | None]:
    """The default as it is written first, and as it is compared."""
    given: dict[str, list[str]] = {}
    written: dict[str, str] = {}
    for subgraph, argument in sources:
        if argument.default is not None:
            canonical = write_value(argument.default, is_canonical=True)
            given.setdefault(canonical, []).append(subgraph.name)
            written.setdefault(canonical, write_value(argument.default))
    if not given:
        return None, None
    sites = [(subgraph.name, argument.node) for subgraph, argument in sources]
    if len(given) > 1:
        rules.report_default_mismatch(merge, where, given, sites)
        return None, None
    ((canonical, names),) = given.items()
    if len(names) < len(sources):
        merge.report.hint(
            "INCONSISTENT_DEFAULT_VALUE_PRESENCE",
            f'{rules.told} "{where}" has default value {canonical} in {list_subgraphs(names)} but none in others: the '
            "supergraph will have none.",
            sites,
        )
        return None, None
    return written[canonical], canonical
