"""The supergraph with the directives of its specs under their own names.

A supergraph may import `@authenticated` as `@signedIn`, and composition does so when the subgraphs did. Whoever looked
for the default name only would find no requirement, and let everybody in; so names are made plain once, on reading.

Spec: https://specs.apollo.dev/link/v1.0, names of imported and prefixed elements.
"""

from typing import Any

from graphql import (
    DirectiveDefinitionNode,
    DirectiveNode,
    DocumentNode,
    NameNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    Visitor,
    value_from_ast_untyped,
    visit,
)

_MEANINGFUL: dict[str, tuple[str, ...]] = {
    "inaccessible": ("inaccessible",),
    "authenticated": ("authenticated",),
    "requiresScopes": ("requiresScopes",),
    "policy": ("policy",),
    "tag": ("tag",),
    "cost": ("cost", "listSize"),
    "context": ("context",),
}
"""The specs whose directives mean something to a router, by the name in their url."""


def write_plain_names(document: DocumentNode) -> DocumentNode:
    """The document with every directive of a linked spec under the spec's own name."""
    names = _find_renamed(document)
    return visit(document, _Renamer(names)) if names else document


def _find_renamed(document: DocumentNode) -> dict[str, str]:
    """Local name -> own name, of the directives for which they differ."""
    renamed: dict[str, str] = {}
    for node in document.definitions:
        if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
            for directive in node.directives or ():
                if directive.name.value == "link":
                    renamed |= _read_link(directive)
    return {local: own for local, own in renamed.items() if local != own}


def _read_link(directive: Any) -> dict[str, str]:
    arguments = {item.name.value: value_from_ast_untyped(item.value) for item in directive.arguments or ()}
    parts = str(arguments.get("url", "")).rstrip("/").split("/")
    name = parts[-2] if len(parts) > 1 and parts[-1].startswith("v") else parts[-1]
    prefix = arguments.get("as") or name
    local = {own: prefix if own == name else f"{prefix}__{own}" for own in _MEANINGFUL.get(name, ())}
    for item in arguments.get("import") or ():
        given = {"name": item} if isinstance(item, str) else item
        own = str(given.get("name", "")).removeprefix("@")
        if own in local:
            local[own] = str(given.get("as") or own).removeprefix("@")
    return {alias: own for own, alias in local.items()}


class _Renamer(Visitor):
    def __init__(self, names: dict[str, str]) -> None:
        super().__init__()
        self._names = names

    def enter_directive(self, node: DirectiveNode, *_: Any) -> DirectiveNode | None:
        own = self._names.get(node.name.value)
        if own is None:
            return None
        return DirectiveNode(name=NameNode(value=own), arguments=node.arguments, loc=node.loc)

    def enter_directive_definition(
        self, node: DirectiveDefinitionNode, *_: Any
    ) -> DirectiveDefinitionNode | None:
        own = self._names.get(node.name.value)
        if own is None:
            return None
        return DirectiveDefinitionNode(
            name=NameNode(value=own),
            description=node.description,
            arguments=node.arguments,
            repeatable=node.repeatable,
            locations=node.locations,
            loc=node.loc,
        )
