"""The `@link`s of a supergraph: the machinery, Apollo's specs and others' by what of them is used there."""

import re
from collections.abc import Iterator, Mapping

from router.composition.context import ComposedDirective, Merge
from router.spec import connect
from router.spec.federation import (
    COMPOSED,
    COMPOSED_BY_DIRECTIVE,
    JOINED,
    SPECS,
    ComposedSpec,
)
from router.spec.join import LINK_URL
from router.supergraph.write import write_application, write_string

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)


def write_links(merge: Merge, join: str) -> Iterator[str]:
    """Each `@link`, in the order that readers expect; `join` is the version of the join spec."""
    names = _Names(merge)
    yield _write_link(LINK_URL)
    yield _write_link(f"{SPECS}join/{join}", purpose="EXECUTION")
    for spec in composed_specs(merge):
        identity = SPECS + spec.name
        alias = names.choose(spec.name, identity)
        imports = {
            own: name
            for own, name in local_names(merge, spec).items()
            if name != default_name(spec, own) or (alias is not None and own in merge.composed)
        }
        yield _write_link(f"{identity}/{spec.version}", alias=alias, purpose=spec.purpose, imports=imports)
    for directive in sorted(merge.joined):
        yield _write_link(JOINED[directive], purpose="EXECUTION")
        names.taken.add(directive)
    yield from _write_custom_links(merge, names)
    links = [link for s in merge.subgraphs for link in s.linked.links if link.identity == connect.IDENTITY]
    if links:
        major, minor = max(connect.SUPERGRAPH_VERSION, *(link.version for link in links))
        yield _write_link(f"{connect.IDENTITY}/v{major}.{minor}", purpose="EXECUTION")


def composed_specs(merge: Merge) -> list[ComposedSpec]:
    """Apollo's specs of which something is applied, in the order of first use."""
    names = dict.fromkeys(COMPOSED_BY_DIRECTIVE[directive].name for directive in merge.composed)
    return [COMPOSED[name] for name in names]


def local_names(merge: Merge, spec: ComposedSpec) -> dict[str, str]:
    """The name in the supergraph of each directive of a spec; one that is not applied keeps its default."""
    return {own: merge.composed.get(own, default_name(spec, own)) for own in spec.directives}


def default_name(spec: ComposedSpec, directive: str) -> str:
    """What a directive is called where its spec is linked without imports."""
    return directive if directive == spec.name else f"{spec.name}__{directive}"


def _write_custom_links(merge: Merge, names: "_Names") -> Iterator[str]:
    by_identity: dict[str, list[ComposedDirective]] = {}
    for directive in merge.custom.values():
        by_identity.setdefault(directive.link.identity, []).append(directive)
    for identity, directives in by_identity.items():
        link = max((directive.link for directive in directives), key=lambda link: link.version)
        major, minor = link.version
        yield _write_link(
            f"{identity}/v{major}.{minor}",
            alias=names.choose(link.name, identity),
            imports={directive.own: directive.name for directive in directives},
        )


class _Names:
    """Under which names specs are linked, so that nothing of one seems to be of another."""

    def __init__(self, merge: Merge) -> None:
        self.taken = {"link", "join"}
        self._made = 0
        self._owners = {directive.name: directive.link.identity for directive in merge.custom.values()}
        for own, name in merge.composed.items():
            self._owners[name] = SPECS + COMPOSED_BY_DIRECTIVE[own].name

    def choose(self, name: str, identity: str) -> str | None:
        """The alias of a spec; None if it can be linked under its own name."""
        if self._is_free(name, identity):
            self.taken.add(name)
            return None
        alias = f"_{self._made}{re.sub(r'[^A-Za-z]', '', name)}"
        self._made += 1
        self.taken.add(alias)
        return alias

    def _is_free(self, prefix: str, identity: str) -> bool:
        return (
            _NAME.fullmatch(prefix) is not None
            and prefix not in self.taken
            and not any(
                name.partition("__")[0] == prefix and owner != identity
                for name, owner in self._owners.items()
            )
        )


def _write_link(
    url: str,
    *,
    alias: str | None = None,
    purpose: str | None = None,
    imports: Mapping[str, str] | None = None,
) -> str:
    items = [
        f'"@{own}"' if own == name else f'{{name: "@{own}", as: "@{name}"}}'
        for own, name in (imports or {}).items()
    ]
    arguments = {
        "url": write_string(url),
        "as": write_string(alias) if alias is not None else None,
        "for": purpose,
        "import": f"[{', '.join(items)}]" if items else None,
    }
    return write_application("link", {key: text for key, text in arguments.items() if text is not None})
