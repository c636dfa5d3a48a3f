"""The `@cacheTag`s of a supergraph: by which names answers of subgraphs can be thrown away.

Only read here; `router.executor.response_cache` fills them in. A tag of a root field may have values of its arguments
(`{$args.id}`), a tag of an entity's type values of its key (`{$key.id}`), each also from inside an object (`{$key.owner.id}`).

Spec: Federation 2.12, `@cacheTag`, which a supergraph holds as `@join__directive(name: "federation__cacheTag")`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from graphql import (
    DocumentNode,
    FieldDefinitionNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    value_from_ast_untyped,
)

from router.kit.json import JsonObject, JsonValue, write_json
from router.supergraph.model import Supergraph

ARGUMENTS, KEY = "args", "key"

_NAMES = frozenset({"federation__cacheTag", "cacheTag"})
_PLACE = re.compile(r"\{\s*\$([a-z]+)((?:\.[_A-Za-z][_0-9A-Za-z]*)+)\s*\}")

Place: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CacheTag:
    """A tag: texts, and paths to the values that stand between them."""

    parts: tuple[str | Place, ...]

    def fill(self, values: Mapping[str, JsonValue]) -> str | None:
        """The tag with its values; None if one is not there, is null or is no leaf."""
        filled = ""
        for part in self.parts:
            text = part if isinstance(part, str) else _find_text(values, part)
            if text is None:
                return None
            filled += text
        return filled


@dataclass(frozen=True, slots=True)
class CacheTags:
    """All tags of a supergraph.

    Attributes:
        fields: of root fields of queries, by subgraph and field.
        types: of entities, by subgraph and type.
        defaults: the arguments of these root fields that have a default value.
        faults: what is no tag, in words.
    """

    fields: Mapping[tuple[str, str], tuple[CacheTag, ...]] = field(default_factory=dict)
    types: Mapping[tuple[str, str], tuple[CacheTag, ...]] = field(default_factory=dict)
    defaults: Mapping[str, JsonObject] = field(default_factory=dict)
    faults: tuple[str, ...] = ()

    @property
    def subgraphs_with_fields(self) -> frozenset[str]:
        """The subgraphs whose root fields have tags."""
        return frozenset(subgraph for subgraph, _ in self.fields)


def read_cache_tags(supergraph: Supergraph) -> CacheTags:
    """Read all tags; one that is none is named in `faults` and left out."""
    names = {each.graph: each.name for each in supergraph.subgraphs}
    query = supergraph.root_types.get("query")
    fields: dict[tuple[str, str], list[CacheTag]] = {}
    types: dict[tuple[str, str], list[CacheTag]] = {}
    defaults: dict[str, JsonObject] = {}
    faults: list[str] = []
    for node in _list_objects(supergraph.document):
        typename = node.name.value
        _collect(node, KEY, typename, names, types, faults)
        for each in node.fields or () if typename == query else ():
            name = each.name.value
            if _collect(each, ARGUMENTS, name, names, fields, faults):
                defaults[name] = _read_defaults(each)
    return CacheTags(_freeze(fields), _freeze(types), defaults, tuple(faults))


def _list_objects(document: DocumentNode) -> Iterator[ObjectTypeDefinitionNode | ObjectTypeExtensionNode]:
    for node in document.definitions:
        if isinstance(node, ObjectTypeDefinitionNode | ObjectTypeExtensionNode):
            yield node


def _collect(
    node: ObjectTypeDefinitionNode | ObjectTypeExtensionNode | FieldDefinitionNode,
    source: str,
    name: str,
    names: Mapping[str, str],
    found: dict[tuple[str, str], list[CacheTag]],
    faults: list[str],
) -> bool:
    """Add the tags at `node` to those `found`; gives whether there are any."""
    has_any = False
    for directive in node.directives or ():
        if directive.name.value != "join__directive":
            continue
        given = {each.name.value: value_from_ast_untyped(each.value) for each in directive.arguments or ()}
        if given.get("name") not in _NAMES:
            continue
        form = given.get("args", {}).get("format")
        tag = read_cache_tag(form, source) if isinstance(form, str) else None
        if tag is None:
            faults.append(f"{name}: @cacheTag(format: {form!r}) is no tag with values of ${source}")
            continue
        has_any = True
        for graph in given.get("graphs") or ():
            if graph in names:
                found.setdefault((names[graph], name), []).append(tag)
    return has_any


def read_cache_tag(text: str, source: str) -> CacheTag | None:
    """The tag that `text` stands for, with values of `source` alone; None if it is none."""
    parts: list[str | Place] = []
    at = 0
    for match in _PLACE.finditer(text):
        if match[1] != source:
            return None
        parts += [text[at : match.start()], tuple(match[2][1:].split("."))]
        at = match.end()
    parts.append(text[at:])
    if any(isinstance(part, str) and ("{" in part or "}" in part) for part in parts):
        return None
    return CacheTag(tuple(part for part in parts if part))


def _read_defaults(node: FieldDefinitionNode) -> JsonObject:
    return {
        each.name.value: value_from_ast_untyped(each.default_value)
        for each in node.arguments or ()
        if each.default_value is not None
    }


def _find_text(values: JsonValue, place: Place) -> str | None:
    for name in place:
        values = values.get(name) if isinstance(values, Mapping) else None
    if isinstance(values, str):
        return values
    return write_json(values).decode() if isinstance(values, bool | int | float) else None


def _freeze(found: dict[tuple[str, str], list[CacheTag]]) -> dict[tuple[str, str], tuple[CacheTag, ...]]:
    return {place: tuple(dict.fromkeys(tags)) for place, tags in found.items()}
