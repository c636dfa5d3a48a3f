"""DIRECTIVE_COMPOSITION_ERROR: a `@composeDirective` that cannot be followed, by itself or beside those of others."""

from collections.abc import Iterable, Iterator, Sequence

from router.composition.context import Merge
from router.composition.custom import Request, find_definition, links_of, read_requests
from router.composition.names import read_uses
from router.composition.report import Site, list_subgraphs
from router.composition.rules.invalid_link_directive_usage import report_invalid_link_directive_usage
from router.composition.subgraph import Link, Subgraph
from router.kit.did_you_mean import suggest
from router.spec.federation import IDENTITY, SPECS

_COMPOSED_ANYWAY = frozenset({"tag", "inaccessible", "authenticated", "requiresScopes", "policy", "context"})
_NEVER_CLASHING = ("tag", "inaccessible")
_MACHINERY = frozenset({f"{SPECS}join", f"{SPECS}core"})


def check_directive_composition_error(merge: Merge) -> None:
    """Check each request, then those for one spec and for one name together; hint at what may surprise."""
    requests = read_requests(merge)
    sound = [request for request in requests if _check_alone(merge, request)]
    for identity in _custom_identities(merge):
        _check_versions(merge, identity, [r for r in sound if _identity(r) == identity])
    for name in dict.fromkeys(request.local for request in sound):
        _check_name(merge, [request for request in sound if request.local == name])
    for origin in dict.fromkeys((_identity(r), r.own) for r in sound):
        _check_origin(merge, [r for r in sound if (_identity(r), r.own) == origin], sound)


def _check_alone(merge: Merge, request: Request) -> bool:
    """Whether one request makes sense by itself and asks for what is not composed anyway."""
    canonical = request.subgraph.linked.canonical.get(request.local)
    if canonical in _COMPOSED_ANYWAY:
        merge.report.hint(
            "DIRECTIVE_COMPOSITION_INFO",
            f'Directive "@{request.local}" need not be composed by @composeDirective: federation always does it',
            [_site(request)],
        )
        return False
    fault = _find_fault(merge, request)
    if fault is not None:
        _error(merge, f"[{request.subgraph.name}] {fault}", [request])
    elif request.link is not None and request.local.partition("__")[0] == "join":
        report_invalid_link_directive_usage(
            merge.report,
            request.subgraph.name,
            request.link.node,
            f'"@{request.local}" is composed, and would look like a directive of the join specification in the supergraph: '
            "rename it by the import of its @link",
        )
    return fault is None


def _find_fault(merge: Merge, request: Request) -> str | None:
    name, local, subgraph = request.name, request.local, request.subgraph
    if name is None:
        return 'Argument "name" of @composeDirective cannot be null or empty: give a directive\'s name'
    if not name.startswith("@"):
        return f'Argument "{name}" of @composeDirective must begin with "@"'
    link = request.link
    if local in {*subgraph.linked.canonical, "link"} or (link is not None and link.identity in _MACHINERY):
        return f'Federation\'s own directive "{name}" cannot be composed: remove the @composeDirective'
    if subgraph.schema.get_directive(local) is None:
        advice = suggest(name, sorted(f"@{known}" for known in subgraph.directives))
        return f'There is no definition of the directive "{name}" that @composeDirective names.{advice}'
    if link is None or local not in subgraph.directives:
        return (
            f'Directive "{name}" cannot be composed, since it belongs to no linked specification: add a @link'
        )
    return _find_clash(merge, local)


def _find_clash(merge: Merge, local: str) -> str | None:
    clashing = [
        other.name
        for other in merge.subgraphs
        if local in {other.linked.local.get(own) for own in _NEVER_CLASHING}
    ]
    clashing += [name for names in read_uses(merge).values() for name in names.get(local, ())]
    if not clashing:
        return None
    return (
        f'Directive "@{local}" cannot be composed, since federation\'s directive is called so in '
        f"{list_subgraphs(clashing)}: rename it by the import of its @link"
    )


def _check_versions(merge: Merge, identity: str, requests: Sequence[Request]) -> None:
    """A major version may change everything: the subgraphs that compose a spec have to agree on it."""
    asked = {r.link.version[0] for r in requests if r.link is not None}
    linked = {link.version[0] for _, link in links_of(merge, identity)}
    if len(asked) > 1:
        _error(
            merge,
            f'Specification "{identity}" is composed in several major versions: link the same one everywhere',
            requests,
        )
    elif len(linked) > 1:
        merge.report.hint(
            "DIRECTIVE_COMPOSITION_INFO",
            f'Specification "{identity}" is linked in several major versions, of which at most one is composed',
            [(s.name, link.node) for s, link in links_of(merge, identity)],
        )


def _check_name(merge: Merge, requests: Sequence[Request]) -> None:
    """One name stands for one directive."""
    origins = dict.fromkeys((_identity(r), r.own) for r in requests)
    if len(origins) > 1:
        told = " and ".join(f'"@{own}" of "{identity}"' for identity, own in origins)
        _error(
            merge,
            f'Composed directive "@{requests[0].local}" is not the same directive in every subgraph: it is {told}. '
            "Rename all but one by the imports of their @links",
            requests,
        )


def _check_origin(merge: Merge, requests: Sequence[Request], sound: Sequence[Request]) -> None:
    """One directive has one name, and a definition in its newest version."""
    first = requests[0]
    assert first.link is not None
    names = dict.fromkeys(f'"@{request.local}"' for request in requests)
    if len(names) > 1:
        _error(
            merge,
            f'Directive "@{first.own}" of "{_identity(first)}" is composed under different names: '
            f"{' and '.join(names)}. Give it one name everywhere",
            requests,
        )
        return
    if find_definition(merge, first, sound) is None:
        _error(
            merge,
            f'No subgraph with the newest version of "{_identity(first)}" that is composed defines "@{first.local}": '
            "add the definition there",
            requests,
        )
    asking = {request.subgraph.name for request in requests}
    others = [
        (s.name, link.node)
        for s, link in links_of(merge, _identity(first))
        if s.name not in asking and link.imports.get(f"@{first.own}", first.name) != first.name
    ]
    if others:
        merge.report.hint(
            "DIRECTIVE_COMPOSITION_WARN",
            f'Composed directive "@{first.local}" is named differently in {list_subgraphs(s for s, _ in others)}, which '
            "do not compose it; they need the same name to do so",
            others,
        )


def _custom_identities(merge: Merge) -> Iterator[str]:
    """The specs that are not Apollo's."""
    yield from dict.fromkeys(
        link.identity
        for subgraph in merge.subgraphs
        for link in subgraph.linked.links
        if not _is_known(subgraph, link)
    )


def _is_known(subgraph: Subgraph, link: Link) -> bool:
    return link.identity == IDENTITY or (
        link.identity.startswith(SPECS) and link.local_directive(link.name) in subgraph.linked.canonical
    )


def _identity(request: Request) -> str:
    return request.link.identity if request.link is not None else ""


def _site(request: Request) -> Site:
    return request.subgraph.name, request.node


def _error(merge: Merge, message: str, requests: Iterable[Request]) -> None:
    merge.report.error("DIRECTIVE_COMPOSITION_ERROR", message, [_site(request) for request in requests])
