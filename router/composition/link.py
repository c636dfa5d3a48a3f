"""What a subgraph's `@link`s mean: which federation it speaks, and under which names.

Spec: https://specs.apollo.dev/link/v1.0.
"""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from graphql import (
    ConstDirectiveNode,
    ConstValueNode,
    DirectiveDefinitionNode,
    DocumentNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    StringValueNode,
)

from router.composition.report import Report
from router.composition.rules.invalid_link_directive_usage import report_invalid_link_directive_usage
from router.composition.rules.invalid_link_identifier import report_invalid_link_identifier
from router.composition.rules.unknown_link_version import (
    report_unknown_federation_link_version,
    report_unknown_link_version,
)
from router.composition.subgraph import Link, LinkedSubgraph, SubgraphSource
from router.kit.did_you_mean import suggest
from router.spec import connect
from router.spec.federation import (
    DIRECTIVES,
    FED1_AS,
    FED1_DIRECTIVES,
    IDENTITY,
    LATEST,
    SCALARS_SINCE,
    SPECS,
    UPGRADED_DIRECTIVES,
    known_elements,
)

_VERSION = re.compile(r"v(\d{1,9})\.(\d{1,9})", re.ASCII)
_CORE_VERSIONS = frozenset({(0, 1), (0, 2)})
_NAME = re.compile(r"[_A-Za-z]\w*", re.ASCII)
LINK_VERSION = (1, 0)
"""Of the link specification; whoever applies `@link` links this."""

# Specs of federation's directives that a subgraph may also link on their own, with the directives of each.
STAND_ALONE: dict[str, tuple[str, ...]] = {
    "tag": ("tag",),
    "inaccessible": ("inaccessible",),
    "authenticated": ("authenticated",),
    "requiresScopes": ("requiresScopes",),
    "policy": ("policy",),
    "cost": ("cost", "listSize"),
    "context": ("context", "fromContext"),
}


def link_subgraph(source: SubgraphSource, document: DocumentNode, report: Report) -> LinkedSubgraph | None:
    """Resolve the links of a parsed subgraph; None if they are unusable, and then `report` says why."""
    before = len(report.errors)
    links = _read_links(source.name, document, report)
    federation = links.get(IDENTITY)
    if federation is not None and not (2, 0) <= federation.version <= LATEST:
        report_unknown_federation_link_version(
            report, source.name, federation.node, _write_version(federation.version)
        )
    for link in links.values() if len(report.errors) == before else ():
        known = _known_elements(link)
        if known is not None:
            _check_imports(source.name, link, known, report)
    if len(report.errors) > before:
        return None
    linked = _resolve_names(source, document, links, federation)
    if federation is not None and linked.version > federation.version:
        given, used = _write_version(federation.version), _write_version(linked.version)
        report.hint(
            "IMPLICITLY_UPGRADED_FEDERATION_VERSION",
            f'Subgraph "{source.name}" links federation {given} and a specification that needs {used}, which it is composed '
            "as: link that version.",
            [(source.name, federation.node)],
        )
    return linked


def _known_elements(link: Link) -> frozenset[str] | None:
    """What may be imported from a feature; None if we do not know it."""
    if link.identity == IDENTITY:
        return known_elements(link.version)
    if link.identity == connect.IDENTITY and link.version in connect.SINCE:
        return frozenset({*(f"@{name}" for name in connect.DIRECTIVES), *connect.TYPES})
    directives = STAND_ALONE.get(link.name) if link.identity == SPECS + link.name else None
    if directives is None:
        return None
    return frozenset({*(f"@{name}" for name in directives), *SCALARS_SINCE})


def _write_version(version: tuple[int, int]) -> str:
    return f"v{version[0]}.{version[1]}"


def _resolve_names(
    source: SubgraphSource, document: DocumentNode, links: Mapping[str, Link], federation: Link | None
) -> LinkedSubgraph:
    canonical: dict[str, str] = {}
    local: dict[str, str] = {}
    scalars: dict[str, str] = {}
    if federation is None:
        version = FED1_AS
        defined = _directives_defined(document)
        for name in (*FED1_DIRECTIVES, *(each for each in UPGRADED_DIRECTIVES if each in defined)):
            canonical[name] = local[name] = name
        scalars["FieldSet"] = "_FieldSet"
    else:
        version = federation.version
        for spec in DIRECTIVES.values():
            if spec.since <= version:
                local[spec.name] = federation.local_directive(spec.name)
                canonical[local[spec.name]] = spec.name
        for scalar, since in SCALARS_SINCE.items():
            if since <= version:
                scalars[scalar] = federation.local_type(scalar)
    for name, directives in STAND_ALONE.items():
        link = links.get(SPECS + name)
        for directive in directives if link is not None else ():
            assert link is not None
            local[directive] = link.local_directive(directive)
            canonical[local[directive]] = directive
            version = max(version, DIRECTIVES[directive].since) if federation is not None else version
    connectors = links.get(connect.IDENTITY)
    if connectors is not None and federation is not None:
        version = max(version, connect.SINCE.get(connectors.version, version))
    return LinkedSubgraph(
        name=source.name,
        url=source.url,
        document=document,
        is_fed2=federation is not None,
        version=version,
        canonical=canonical,
        local=local,
        scalars=scalars,
        links=tuple(links.values()),
    )


def find_links(document: DocumentNode) -> Iterator[ConstDirectiveNode]:
    """Every `@link` applied to the schema definition or an extension of it."""
    for node in document.definitions:
        if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
            yield from (d for d in node.directives or () if d.name.value in _link_names(document))


def _link_names(document: DocumentNode) -> frozenset[str]:
    """The local names of `@link`: a schema may link the link spec itself, and so rename it."""
    for node in document.definitions:
        if not isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
            continue
        for directive in node.directives or ():
            arguments = {a.name.value: a.value for a in directive.arguments or ()}
            url = arguments.get("url")
            if isinstance(url, StringValueNode) and url.value.startswith(f"{SPECS}link/v"):
                alias = arguments.get("as")
                name = alias.value if isinstance(alias, StringValueNode) else "link"
                imported = _self_import(arguments.get("import"))
                if directive.name.value in {name, imported}:
                    return frozenset({directive.name.value})
    return frozenset({"link"})


def _self_import(node: ConstValueNode | None) -> str | None:
    for item in node.values if isinstance(node, ListValueNode) else ():
        if isinstance(item, ObjectValueNode):
            entry = {f.name.value: getattr(f.value, "value", None) for f in item.fields}
            if entry.get("name") == "@link" and isinstance(entry.get("as"), str):
                return str(entry["as"]).removeprefix("@")
    return None


def _read_links(subgraph: str, document: DocumentNode, report: Report) -> dict[str, Link]:
    nodes = list(find_links(document))
    if nodes and all(_is_hopeless(node) for node in nodes):
        # Then `@link` is some directive of the author's that happens to have this name.
        return {}
    links: dict[str, Link] = {}
    for node in nodes:
        link = _read_link(subgraph, node, report)
        if link is None:
            continue
        if link.identity in links:
            _usage_error(subgraph, node, f'Duplicate inclusion of feature "{link.identity}"', report)
        links[link.identity] = link
    _check_link_version(subgraph, document, links, report)
    _check_names(subgraph, list(links.values()), report)
    return links


def _is_hopeless(node: ConstDirectiveNode) -> bool:
    url = _arguments(node).get("url")
    return not isinstance(url, StringValueNode) or _parse_url(url.value) is None


def _check_link_version(
    subgraph: str, document: DocumentNode, links: Mapping[str, Link], report: Report
) -> None:
    own = links.get(f"{SPECS}link")
    if own is not None and own.version != LINK_VERSION:
        if IDENTITY in links:
            _usage_error(
                subgraph, own.node, f'Feature "{own.identity}" is linked already, by @link itself', report
            )
        else:
            report_unknown_link_version(report, subgraph, own.node, _write_version(own.version), "link")
    for schema in document.definitions if "core" in _directives_defined(document) else ():
        if not isinstance(schema, SchemaDefinitionNode | SchemaExtensionNode):
            continue
        for node in schema.directives or ():
            url = _arguments(node).get("feature")
            parsed = _parse_url(url.value) if isinstance(url, StringValueNode) else None
            if isinstance(parsed, tuple) and parsed[0] == f"{SPECS}core" and parsed[2] not in _CORE_VERSIONS:
                report_unknown_link_version(report, subgraph, node, _write_version(parsed[2]), "core")


def _directives_defined(document: DocumentNode) -> set[str]:
    return {node.name.value for node in document.definitions if isinstance(node, DirectiveDefinitionNode)}


def _arguments(node: ConstDirectiveNode) -> dict[str, ConstValueNode]:
    return {argument.name.value: argument.value for argument in node.arguments or ()}


def _read_link(subgraph: str, node: ConstDirectiveNode, report: Report) -> Link | None:
    arguments = _arguments(node)
    url = arguments.get("url")
    if not isinstance(url, StringValueNode):
        _usage_error(subgraph, node, 'Argument "url" of @link must be a string', report)
        return None
    parsed = _parse_url(url.value)
    if not isinstance(parsed, tuple):
        fault = parsed or f'Invalid `@link` url "{url.value}": it names no feature'
        report_invalid_link_identifier(report, subgraph, node, fault)
        return None
    identity, name, version = parsed
    alias_node = arguments.get("as")
    alias = alias_node.value if isinstance(alias_node, StringValueNode) else None
    link = Link(node, url.value, identity, name, version, alias)
    if alias is not None and _NAME.fullmatch(alias) is None:
        _usage_error(
            subgraph, node, f'Cannot link feature "{identity}" as "{alias}": it is no GraphQL name', report
        )
    _read_imports(subgraph, link, arguments.get("import"), report)
    return link


def _parse_url(url: str) -> tuple[str, str, tuple[int, int]] | str | None:
    """Identity, name and version of a feature; or what is wrong with its version; None if nothing speaks for a feature."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    if not parts.scheme or not parts.netloc:
        return None
    segments = parts.path.split("/")[1:]
    match = _VERSION.fullmatch(segments[-1]) if segments else None
    named = [segment for segment in segments[: None if match is None else -1] if segment]
    if not named:
        return None
    if match is None:
        return f'Missing version component in feature url "{url}"'
    identity = f"{parts.scheme}://{parts.hostname or ''}{port}/{'/'.join(named)}"
    return identity, named[-1], (int(match[1]), int(match[2]))


def _read_imports(subgraph: str, link: Link, node: ConstValueNode | None, report: Report) -> None:
    if node is None or isinstance(node, NullValueNode):
        return
    for item in node.values if isinstance(node, ListValueNode) else (node,):
        pair = _read_import(item)
        if isinstance(pair, str):
            _usage_error(subgraph, link.node, pair, report)
            continue
        name, alias = pair
        known = link.imports.get(name)
        if known is not None and known != alias:
            _usage_error(subgraph, link.node, f'"{name}" is imported under two names', report)
        link.imports[name] = alias


def _read_import(item: ConstValueNode) -> tuple[str, str] | str:
    """An element's name and its local name; or what is wrong with the import."""
    pair = (item.value, item.value) if isinstance(item, StringValueNode) else _read_renaming(item)
    if isinstance(pair, str):
        return pair
    name, alias = pair
    for text in pair:
        if _NAME.fullmatch(text.removeprefix("@")) is None:
            return f'Invalid @link import "{text}": it is not a GraphQL name'
    if name.startswith("@") != alias.startswith("@"):
        return f'Invalid @link import renaming: "{name}" and "{alias}" must both begin with "@" or neither'
    return name, alias


def _read_renaming(item: ConstValueNode) -> tuple[str, str] | str:
    if not isinstance(item, ObjectValueNode):
        return "Invalid sub-value of @link(import:) argument: a string or an object {name, as} is expected"
    entry = {entry.name.value: entry.value for entry in item.fields}
    unknown = sorted(set(entry) - {"name", "as"})
    if unknown:
        return f'Unknown field "{unknown[0]}" for sub-value of @link(import:) argument'
    name = entry.get("name")
    alias = entry.get("as", name)
    if not isinstance(name, StringValueNode):
        return 'Invalid sub-value of @link(import:) argument: it needs a "name", a string'
    if not isinstance(alias, StringValueNode):
        return 'Invalid sub-value of @link(import:) argument: "as" must be a string'
    return name.value, alias.value


def _check_imports(subgraph: str, link: Link, known: frozenset[str], report: Report) -> None:
    for name in link.imports:
        if name in known:
            continue
        missing = f"@{name}" in known
        hint = f' Did you mean directive "@{name}"?' if missing else suggest(name, sorted(known))
        _usage_error(subgraph, link.node, f'Cannot import unknown element "{name}".{hint}', report)


def _check_names(subgraph: str, links: list[Link], report: Report) -> None:
    """Two elements may not get one name, and an alias must not look like another's prefix."""
    owners: dict[str, str] = {}
    prefixes = {link.prefix: link for link in links}
    if len(prefixes) < len(links):
        _usage_error(
            subgraph, links[-1].node, "Two linked features have the same name; rename one by `as:`", report
        )
    for link in links:
        if "__" in link.prefix or link.prefix.endswith("_"):
            _usage_error(
                subgraph,
                link.node,
                f'Cannot link feature "{link.identity}" as "{link.prefix}", which contains "__" or ends with "_": rename it '
                "by `as:`",
                report,
            )
        for name, alias in link.imports.items():
            owner = owners.setdefault(alias, f"{link.identity}{name}")
            if owner != f"{link.identity}{name}":
                _usage_error(subgraph, link.node, f'The name "{alias}" is imported twice', report)
            bare = alias.removeprefix("@")
            other = prefixes.get(bare) if alias.startswith("@") else None
            if other is not None and not (other is link and name == f"@{link.name}"):
                _usage_error(
                    subgraph,
                    link.node,
                    f'Import "{alias}" conflicts with the feature "{other.identity}"',
                    report,
                )
            prefix, mark, rest = bare.partition("__")
            if (
                mark
                and prefix in prefixes
                and not (prefixes[prefix] is link and rest == name.removeprefix("@"))
            ):
                _usage_error(
                    subgraph, link.node, f'Import "{alias}" conflicts with the feature "{prefix}"', report
                )


def _usage_error(subgraph: str, node: ConstDirectiveNode, message: str, report: Report) -> None:
    report_invalid_link_directive_usage(report, subgraph, node, message)
