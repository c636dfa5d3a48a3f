"""Directives of specs that are not ours, which subgraphs ask to have in the supergraph by `@composeDirective`.

A request names a directive as its subgraph does. The definition that counts is that of the newest version of the spec
which any asking subgraph links, since a newer minor version understands what an older one says.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graphql import ConstDirectiveNode, DirectiveDefinitionNode

from router.composition.context import ComposedDirective, Merge
from router.composition.subgraph import Link, Subgraph, argument_text
from router.composition.type_ref import named_type, read_type
from router.supergraph.write import write_value


@dataclass(frozen=True, slots=True)
class Request:
    """One `@composeDirective`: `name` as given, None if there is none; `link` and `own` of a linked directive."""

    subgraph: Subgraph
    node: ConstDirectiveNode
    name: str | None
    link: Link | None
    own: str

    @property
    def local(self) -> str:
        """The directive's name without the `@`."""
        return (self.name or "").removeprefix("@")


def read_requests(merge: Merge) -> list[Request]:
    """Every `@composeDirective`, in the order of subgraphs."""
    requests = []
    for subgraph in merge.subgraphs:
        for applied in subgraph.schema_directives:
            if applied.name == "composeDirective":
                name = argument_text(applied, "name") or None
                link, own = find_origin(subgraph, (name or "").removeprefix("@"))
                requests.append(Request(subgraph, applied.node, name, link, own))
    return requests


def find_origin(subgraph: Subgraph, local: str) -> tuple[Link | None, str]:
    """The link that a directive's name belongs to, and the name that its spec has for it."""
    for link in subgraph.linked.links:
        for own, alias in link.imports.items():
            if alias == f"@{local}":
                return link, own.removeprefix("@")
    prefix, mark, rest = local.partition("__")
    for link in subgraph.linked.links:
        if link.prefix == prefix:
            return link, rest if mark else link.name
    return None, ""


def name_custom_directives(merge: Merge) -> None:
    """Fill `merge.custom` from requests that nothing is wrong with."""
    requests = [r for r in read_requests(merge) if r.local not in r.subgraph.linked.canonical]
    for request in requests:
        name = f"@{request.local}"
        if name in merge.custom:
            continue
        found = find_definition(merge, request, requests)
        assert found is not None, "the rule has seen to it"
        source, link, definition = found
        merge.custom[name] = ComposedDirective(
            name=request.local,
            own=request.own,
            source=source,
            link=link,
            definition=definition,
            subgraphs=frozenset(r.subgraph.name for r in requests if r.local == request.local),
            defaults={
                a.name.value: write_value(a.default_value, is_canonical=True)
                for a in definition.arguments or ()
                if a.default_value is not None
            },
        )
        merge.inputs_used.update(named_type(read_type(a.type, {})) for a in definition.arguments or ())


def find_definition(
    merge: Merge, request: Request, requests: Sequence[Request]
) -> tuple[Subgraph, Link, DirectiveDefinitionNode] | None:
    """The definition of a requested directive in the newest version asked for, of the last subgraph that has one."""
    identity = request.link.identity if request.link is not None else ""
    links = [r.link for r in requests if r.link is not None and r.link.identity == identity]
    newest = max((link.version for link in links), default=(0, 0))
    for subgraph, link in reversed(list(links_of(merge, identity))):
        definition = subgraph.directives.get(link.local_directive(request.own))
        if link.version == newest and definition is not None:
            return subgraph, link, definition
    return None


def links_of(merge: Merge, identity: str) -> Iterator[tuple[Subgraph, Link]]:
    """The links to one spec, by subgraph."""
    for subgraph in merge.subgraphs:
        for link in subgraph.linked.links:
            if link.identity == identity:
                yield subgraph, link
