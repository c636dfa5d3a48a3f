"""`@inaccessible` on elements of a composed supergraph: they leave the API schema, the router still plans with them.

What planning needs, such as key fields and the join directives, stays. Tags have done their work when something is
hidden by them, so they go, and nobody can read from the result what they were.

Spec: https://specs.apollo.dev/inaccessible/v0.2.
"""

from collections.abc import Iterable
from itertools import chain, count
from typing import Any

from graphql import (
    ConstDirectiveNode,
    DirectiveDefinitionNode,
    DocumentNode,
    NameNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    parse,
)

from router.spec.federation import COMPOSED, COMPOSED_DEFINITIONS, SPECS
from router.supergraph.contracts import Coordinates
from router.supergraph.errors import SupergraphError
from router.supergraph.links import find_local_name, is_link_to, read_features
from router.supergraph.rewrite import replace_in

_SPEC = COMPOSED["inaccessible"]
_URL = f"{SPECS}{_SPEC.name}/{_SPEC.version}"
# They come first at the head of a type.
_JOINING = frozenset({"join__implements", "join__type"})


def hide(document: DocumentNode, hidden: Coordinates) -> DocumentNode:
    """The supergraph with `@inaccessible` on the elements named, and without tags; names are those of its links.

    Raises:
        SupergraphError: it has no schema definition with links, so that `@inaccessible` cannot be linked.
    """
    schema = next((node for node in document.definitions if isinstance(node, SchemaDefinitionNode)), None)
    if schema is None or not any(node.name.value == "link" for node in schema.directives or ()):
        raise SupergraphError("The supergraph does not use @link: compose it again, with federation 2")
    return _Hider(document, hidden).rewrite()


class _Hider:
    def __init__(self, document: DocumentNode, hidden: Coordinates) -> None:
        self._document = document
        self._hidden = hidden
        self._tag = find_local_name(document, "tag")
        linked = find_local_name(document, "inaccessible")
        self._is_linked = linked is not None
        self._mark = ConstDirectiveNode(name=NameNode(value=linked or _choose_name(document)), arguments=())

    def rewrite(self) -> DocumentNode:
        """The document with everything marked, and the mark linked and defined."""
        definitions: list[Any] = []
        for node in self._document.definitions:
            if isinstance(node, SchemaDefinitionNode):
                definitions.append(replace_in(node, directives=self._rewrite_links(node)))
            elif isinstance(node, TypeDefinitionNode):
                definitions.append(self._rewrite_type(node))
            elif not isinstance(node, DirectiveDefinitionNode):
                definitions.append(node)
            elif node.name.value != self._tag:
                definitions.append(replace_in(node, arguments=self._rewrite_all(node.arguments, "")))
        if self._hidden and not self._is_linked:
            text = COMPOSED_DEFINITIONS[_SPEC.name].format(name=self._mark.name.value)
            definitions += parse(text, no_location=True).definitions
        return DocumentNode(definitions=tuple(definitions))

    def _rewrite_links(self, node: SchemaDefinitionNode) -> tuple[ConstDirectiveNode, ...]:
        kept = [each for each in node.directives or () if not self._is_of_tags(each)]
        if self._hidden and not self._is_linked:
            i = max(i for i, each in enumerate(kept, 1) if each.name.value == "link")
            name = self._mark.name.value
            alias = "" if name == _SPEC.name else f', as: "{name}"'
            link = f'@link(url: "{_URL}"{alias}, for: {_SPEC.purpose})'
            schema: Any = parse(f"schema {link} {{ query: Query }}", no_location=True).definitions[0]
            kept[i:i] = schema.directives
        return tuple(kept)

    def _is_of_tags(self, directive: ConstDirectiveNode) -> bool:
        """Whether a directive of the schema is a tag, or the link to tags."""
        return directive.name.value == self._tag or is_link_to(directive, "tag")

    def _rewrite_type(self, node: TypeDefinitionNode) -> TypeDefinitionNode:
        name = node.name.value
        changes: dict[str, Any] = {"directives": self._rewrite_directives(node, name)}
        for key in ("fields", "values"):
            if key in node.keys:
                changes[key] = self._rewrite_all(getattr(node, key), f"{name}.")
        return replace_in(node, **changes)

    def _rewrite_all(self, nodes: Iterable[Any] | None, parent: str, end: str = "") -> tuple[Any, ...]:
        return tuple(self._rewrite_part(node, f"{parent}{node.name.value}{end}") for node in nodes or ())

    def _rewrite_part(self, node: Any, coordinate: str) -> Any:
        """A field, input field, value or argument."""
        changes: dict[str, Any] = {"directives": self._rewrite_directives(node, coordinate)}
        if "arguments" in node.keys:
            changes["arguments"] = self._rewrite_all(node.arguments, f"{coordinate}(", ":)")
        return replace_in(node, **changes)

    def _rewrite_directives(self, node: Any, coordinate: str) -> tuple[ConstDirectiveNode, ...]:
        name = self._mark.name.value
        kept = [each for each in node.directives or () if each.name.value != self._tag]
        if coordinate in self._hidden and not any(each.name.value == name for each in kept):
            i = sum(each.name.value in _JOINING for each in kept)
            kept[i:i] = [self._mark]
        return tuple(kept)


def _choose_name(document: DocumentNode) -> str:
    """A name for `@inaccessible` where it is not linked yet: its own, unless another directive has that."""
    features = read_features(document)
    taken = {node.name.value for node in document.definitions if isinstance(node, DirectiveDefinitionNode)}
    taken |= features.prefixes
    names = chain([_SPEC.name], (f"_{i}{_SPEC.name}" for i in count()))
    return next(name for name in names if name not in taken)
