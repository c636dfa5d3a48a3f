"""Arguments of fields and fields of input objects: intersection, the narrowest type, equal defaults."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from router.composition.context import Merge, merge_descriptions
from router.composition.report import list_subgraphs
from router.composition.subgraph import Argument, Subgraph
from router.composition.type_ref import TypeRef, is_subtype, named_type
from router.supergraph.write import write_value

ArgumentSource = tuple[Subgraph, Argument]


@dataclass(frozen=True, slots=True)
class InputCodes:
    """The codes of one kind of input element."""

    type_mismatch: str
    default_mismatch: str
    required_missing: str
    presence_hint: str
    type_hint: str


FIELD_ARGUMENTS = InputCodes(
    "FIELD_ARGUMENT_TYPE_MISMATCH",
    "FIELD_ARGUMENT_DEFAULT_MISMATCH",
    "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH",
    "INCONSISTENT_ARGUMENT_PRESENCE",
    "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE",
)
INPUT_FIELDS = InputCodes(
    "FIELD_TYPE_MISMATCH",
    "INPUT_FIELD_DEFAULT_MISMATCH",
    "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH",
    "INCONSISTENT_INPUT_OBJECT_FIELD",
    "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE",
)


@dataclass(frozen=True, slots=True)
class MergedInput:
    """A merged argument or input field, and where it comes from; `where` is its coordinate."""

    name: str
    where: str
    type: TypeRef
    default: str | None
    description: str | None
    sources: tuple[ArgumentSource, ...]

    @property
    def text(self) -> str:
        """Its SDL without description and directives."""
        default = f" = {self.default}" if self.default is not None else ""
        return f"{self.name}: {self.type}{default}"


def merge_inputs(
    merge: Merge,
    coordinate: str,
    parents: Sequence[tuple[Subgraph, Mapping[str, Argument]]],
    codes: InputCodes,
) -> list[MergedInput]:
    """Merge the arguments of the field `coordinate` (or the fields of the input object), in first-seen order."""
    names = dict.fromkeys(name for _, arguments in parents for name in arguments)
    merged = []
    for name in names:
        sources = [(subgraph, arguments[name]) for subgraph, arguments in parents if name in arguments]
        where = f"{coordinate}({name}:)" if codes is FIELD_ARGUMENTS else f"{coordinate}.{name}"
        item = MergedInput(
            name,
            where,
            _merge_type(merge, where, sources, codes),
            _merge_default(merge, where, sources, codes),
            merge_descriptions(argument.description for _, argument in sources),
            tuple(sources),
        )
        missing = [subgraph.name for subgraph, arguments in parents if name not in arguments]
        if not missing or (codes is INPUT_FIELDS and _is_hidden(sources)):
            merged.append(item)
            merge.inputs_used.add(named_type(item.type))
            continue
        sites = [(subgraph.name, argument.node) for subgraph, argument in sources]
        required = [subgraph.name for subgraph, argument in sources if argument.is_required]
        if required:
            merge.report.error(
                codes.required_missing,
                f'"{where}" is required in {list_subgraphs(required)} but does not appear in {list_subgraphs(missing)}: '
                "make it optional, or add it everywhere",
                sites,
            )
        else:
            merge.report.hint(
                codes.presence_hint,
                f'"{where}" will not be in the supergraph: it does not appear in {list_subgraphs(missing)}',
                sites,
            )
            if codes is INPUT_FIELDS:
                merge.inputs_used.add(named_type(item.type))
    return merged


def _is_hidden(sources: Sequence[ArgumentSource]) -> bool:
    return any(a.name == "inaccessible" for _, argument in sources for a in argument.directives)


def _merge_type(merge: Merge, where: str, sources: Sequence[ArgumentSource], codes: InputCodes) -> TypeRef:
    narrowest = sources[0][1].type
    is_mismatch = False
    for _, argument in sources[1:]:
        if is_subtype(narrowest, argument.type, merge.is_subtype):
            continue
        if is_subtype(argument.type, narrowest, merge.is_subtype):
            narrowest = argument.type
        else:
            is_mismatch = True
    distinct = {str(argument.type) for _, argument in sources}
    sites = [(subgraph.name, argument.node) for subgraph, argument in sources]
    told = describe_types([(subgraph.name, argument.type) for subgraph, argument in sources])
    if is_mismatch:
        merge.report.error(
            codes.type_mismatch, f'Type of "{where}" is incompatible across subgraphs: {told}', sites
        )
    elif len(distinct) > 1:
        merge.report.hint(codes.type_hint, f'Type of "{where}" is inconsistent but compatible: {told}', sites)
    return narrowest


def _merge_default(
    merge: Merge, where: str, sources: Sequence[ArgumentSource], codes: InputCodes
) -> str | None:
    defaults = [(s, a, a.default) for s, a in sources if a.default is not None]
    given = {
        write_value(default, is_canonical=True): (subgraph.name, argument.node)
        for subgraph, argument, default in defaults
    }
    if len(given) > 1:
        merge.report.error(
            codes.default_mismatch,
            f'"{where}" has incompatible default values across subgraphs: {" and ".join(given)}',
            given.values(),
        )
        return None
    if given and any(argument.default is None for _, argument in sources):
        merge.report.hint(
            "INCONSISTENT_DEFAULT_VALUE_PRESENCE",
            f'"{where}" has a default value in only some subgraphs; the supergraph will have none',
            given.values(),
        )
        return None
    return next((write_value(default) for _, _, default in defaults), None)


def describe_types(declared: Sequence[tuple[str, TypeRef]]) -> str:
    """`it has type "A" in subgraph "a" but type "B" in subgraph "b"`."""
    by_type: dict[str, list[str]] = {}
    for name, ref in declared:
        by_type.setdefault(str(ref), []).append(name)
    parts = [f'type "{text}" in {list_subgraphs(names)}' for text, names in by_type.items()]
    return "it has " + " but ".join(parts)
