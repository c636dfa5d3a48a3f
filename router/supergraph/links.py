"""What the `@link`s of a supergraph say: which names belong to specs, and what each is really called.

A supergraph may import `@authenticated` as `@signedIn`, and composition does so when the subgraphs did. Whoever looked
for the default name only would find no requirement, and let everybody in; so names are made plain once, on reading.

Spec: https://specs.apollo.dev/link/v1.0, names of imported and prefixed elements.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from graphql import (
    ConstDirectiveNode,
    DirectiveDefinitionNode,
    DirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    NamedTypeNode,
    NameNode,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    Visitor,
    value_from_ast_untyped,
    visit,
)

from router.supergraph.rewrite import replace_in

_Named = TypeVar(
    "_Named",
    NamedTypeNode,
    DirectiveNode,
    DirectiveDefinitionNode,
    EnumTypeDefinitionNode,
    ScalarTypeDefinitionNode,
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
_JOIN_DIRECTIVES = ("type", "field", "graph", "implements", "unionMember", "enumValue", "owner", "directive")
_JOIN_TYPES = ("Graph", "FieldSet", "DirectiveArguments", "ContextArgument", "FieldValue")
_APOLLO = "https://specs.apollo.dev/"
_LINKS = frozenset({"link", "core"})
# Every supergraph has these; old ones need not link them.
_ALWAYS = frozenset({"link", "core", "join"})
# What a subgraph answers federation's own questions with; some composers leave them in.
_FEDERATION_TYPES = frozenset({"_Any", "_Entity", "_Service"})


@dataclass(frozen=True, slots=True)
class Features:
    """The names that the specs which a supergraph links have there: `prefix`, `prefix__*` and what is imported."""

    prefixes: set[str] = field(default_factory=lambda: set(_ALWAYS))
    directives: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=lambda: set(_FEDERATION_TYPES))

    def owns_type(self, name: str) -> bool:
        """Whether a type belongs to a linked spec and not to the product."""
        prefix, mark, _ = name.partition("__")
        return name in self.types or (bool(mark) and prefix in self.prefixes)

    def owns_directive(self, name: str) -> bool:
        """Whether a directive belongs to a linked spec."""
        return name in self.directives or name.partition("__")[0] in self.prefixes


@dataclass(frozen=True, slots=True)
class _Link:
    """One `@link`: `imports` maps the own name of an element to its name here; directives begin with `@`."""

    name: str
    prefix: str
    imports: dict[str, str]
    is_apollo: bool
    version: str = ""

    def local_directives(self, names: Iterable[str]) -> dict[str, str]:
        """Local name -> own name of some directives of the spec."""
        local = {own: self.prefix if own == self.name else f"{self.prefix}__{own}" for own in names}
        return {self.imports.get(f"@{own}", f"@{name}")[1:]: own for own, name in local.items()}


def read_features(document: DocumentNode) -> Features:
    """Read which names belong to linked specs."""
    features = Features()
    for link in _read_links(document):
        features.prefixes.add(link.prefix)
        for local in link.imports.values():
            if local.startswith("@"):
                features.directives.add(local[1:])
            else:
                features.types.add(local)
    return features


def find_local_name(document: DocumentNode, directive: str) -> str | None:
    """What the directive of Apollo's spec of the same name is called here; None if that is not linked."""
    for link in _read_links(document):
        if link.is_apollo and link.name == directive:
            return next(iter(link.local_directives([directive])))
    return None


def find_version(document: DocumentNode, spec: str) -> str | None:
    """The version (`v0.3`) of one of Apollo's specs that is linked; None if that is not linked."""
    return next(
        (link.version for link in _read_links(document) if link.is_apollo and link.name == spec), None
    )


def is_link_to(directive: ConstDirectiveNode, spec: str) -> bool:
    """Whether a directive of the schema is the `@link` to one of Apollo's specs."""
    link = _read_link(directive) if directive.name.value in _LINKS else None
    return link is not None and link.is_apollo and link.name == spec


def write_plain_names(document: DocumentNode) -> DocumentNode:
    """The document with every directive of a linked spec, and the join spec's types, under the spec's own names.

    Directives of other specs that have such a name here get out of its way.
    """
    names = _find_renamed(document)
    return visit(document, _Renamer(names)) if names else document


def _find_renamed(document: DocumentNode) -> dict[str, str]:
    """Local name -> plain name, of the directives (and the join spec's types) for which they differ."""
    meaningful = {name for names in _MEANINGFUL.values() for name in names}
    renamed: dict[str, str] = {}
    for link in _read_links(document):
        if link.is_apollo and link.name == "join":
            directives = link.local_directives(_JOIN_DIRECTIVES)
            renamed |= {name: f"join__{own}" for name, own in directives.items()}
            renamed |= {link.imports.get(own, f"{link.prefix}__{own}"): f"join__{own}" for own in _JOIN_TYPES}
        elif link.is_apollo and link.name in _LINKS:
            renamed[link.prefix] = link.name
        elif link.is_apollo:
            renamed |= link.local_directives(_MEANINGFUL.get(link.name, ()))
        else:
            own_names = {own[1:] for own in link.imports if own.startswith("@")} | {link.name}
            for local, own in link.local_directives(own_names).items():
                if local in meaningful:
                    renamed[local] = f"{link.prefix}__{own}"
    return {local: own for local, own in renamed.items() if local != own}


def _read_links(document: DocumentNode) -> Iterator[_Link]:
    for node in document.definitions:
        if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
            links = _LINKS | {each.name.value for each in node.directives or () if _links_itself(each)}
            for directive in node.directives or ():
                if directive.name.value in links:
                    yield _read_link(directive)


def _links_itself(directive: ConstDirectiveNode) -> bool:
    """Whether a directive of the schema is `@link` or `@core` under a name of the schema's choice."""
    link = _read_link(directive)
    return link.is_apollo and link.name in _LINKS and link.prefix == directive.name.value


def _read_link(directive: ConstDirectiveNode) -> _Link:
    arguments = {item.name.value: value_from_ast_untyped(item.value) for item in directive.arguments or ()}
    url = str(arguments.get("url") or arguments.get("feature") or "")
    parts = url.rstrip("/").split("/")
    is_versioned = len(parts) > 1 and parts[-1].startswith("v")
    name = parts[-2] if is_versioned else parts[-1]
    imports = {}
    for item in arguments.get("import") or ():
        given = {"name": item} if isinstance(item, str) else item
        own = str(given.get("name", ""))
        imports[own] = str(given.get("as") or own)
    version = parts[-1] if is_versioned else ""
    return _Link(name, arguments.get("as") or name, imports, url.startswith(_APOLLO), version)


class _Renamer(Visitor):
    def __init__(self, names: dict[str, str]) -> None:
        super().__init__()
        self._names = names

    def enter_named_type(self, node: _Named, *_: Any) -> _Named | None:
        own = self._names.get(node.name.value)
        return replace_in(node, name=NameNode(value=own), loc=node.loc) if own is not None else None

    enter_directive = enter_directive_definition = enter_named_type
    enter_enum_type_definition = enter_scalar_type_definition = enter_named_type
