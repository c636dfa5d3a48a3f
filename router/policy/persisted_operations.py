"""Operations that are known before they are asked for: manifests, and whether an operation is in one.

Spec: Apollo GraphOS, persisted queries, "apollo-persisted-query-manifest", version 1. A plain JSON object of texts by
their ids is understood too: that is what Relay's compiler and other key-value registries write.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
    print_ast,
)
from graphql.language import FragmentSpreadNode, InlineFragmentNode

from router.kit.json import JsonObject, JsonValue
from router.operation.shape import INTROSPECTION_FIELDS, TYPENAME

FORMAT, VERSION = "apollo-persisted-query-manifest", 1


class ManifestError(ValueError):
    """What is given is no manifest."""


@dataclass(frozen=True, slots=True)
class PersistedOperation:
    """One entry of a manifest; `client_name` is the only client that may ask for it by its id, None for all."""

    id: str
    body: str
    name: str | None = None
    client_name: str | None = None


def read_manifest(manifest: JsonValue) -> tuple[PersistedOperation, ...]:
    """The operations of a manifest, in its order.

    Raises:
        ManifestError: it has none of the known forms.
    """
    if not isinstance(manifest, dict):
        raise ManifestError("is no manifest of persisted operations: it is no JSON object")
    if "format" not in manifest and all(isinstance(text, str) for text in manifest.values()):
        return tuple(PersistedOperation(key, text) for key, text in manifest.items())
    if manifest.get("format") != FORMAT:
        raise ManifestError(f'is no manifest of persisted operations: "format" is not "{FORMAT}"')
    if manifest.get("version") != VERSION:
        raise ManifestError(f"version {manifest.get('version')} of the manifest is not known")
    operations = manifest.get("operations")
    if not isinstance(operations, list):
        raise ManifestError('"operations" is no list')
    return tuple(_read_entries(operations))


def _read_entries(operations: list[JsonValue]) -> Iterator[PersistedOperation]:
    for index, entry in enumerate(operations):
        if not isinstance(entry, dict) or not isinstance(entry.get("body"), str):
            raise ManifestError(f'operation {index} has no "body"')
        yield PersistedOperation(
            str(entry.get("id") or index),
            entry["body"],
            _find_text(entry, "name"),
            _find_text(entry, "clientName"),
        )


def _find_text(entry: JsonObject, key: str) -> str | None:
    value = entry.get(key)
    return value if isinstance(value, str) and value else None


class PersistedOperations:
    """The operations of all manifests, by id and by what they say.

    Attributes:
        operations: all, in the order of the manifests.
    """

    def __init__(self, operations: Iterable[PersistedOperation]) -> None:
        self.operations = tuple(operations)
        self._by_id: dict[tuple[str, str | None], str] = {}
        self._texts: set[str] = set()
        self._normal: set[str] = set()
        for each in self.operations:
            self._by_id[each.id, each.client_name] = each.body
            self._texts.add(each.body)
            try:
                self._normal.add(write_normal_form(parse(each.body, no_location=True)))
            except GraphQLSyntaxError:
                # Whoever asks for it by its id is told so then.
                continue

    def __len__(self) -> int:
        return len(self._by_id)

    def find_body(self, operation_id: str, client_name: str | None) -> str | None:
        """The text of an id: this client's own, else everybody's."""
        own = self._by_id.get((operation_id, client_name))
        return own if own is not None else self._by_id.get((operation_id, None))

    def has_document(self, text: str, document: DocumentNode) -> bool:
        """Whether the document is one of these, whatever its spaces, comments and the order of its definitions."""
        return text in self._texts or write_normal_form(document) in self._normal


def write_normal_form(document: DocumentNode) -> str:
    """The same text for documents that say the same: nothing but the order of definitions and white space differs."""
    return "\n".join(sorted(print_ast(definition) for definition in document.definitions))


def is_introspection_only(document: DocumentNode) -> bool:
    """Whether all operations ask for nothing but `__schema`, `__type` and `__typename` at the root."""
    fragments = {
        node.name.value: node.selection_set
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    allowed = {*INTROSPECTION_FIELDS, TYPENAME}

    def list_names(selections: SelectionSetNode, opened: set[str]) -> Iterator[str]:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                yield node.name.value
            elif isinstance(node, InlineFragmentNode):
                yield from list_names(node.selection_set, opened)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in opened:
                opened.add(node.name.value)
                yield from list_names(fragments[node.name.value], opened)

    return all(
        allowed.issuperset(list_names(node.selection_set, set()))
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
    )
