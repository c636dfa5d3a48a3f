"""MISSING_TRANSITIVE_AUTH_REQUIREMENTS: who may not see a field may not see it through another's `@requires`."""

from collections.abc import Iterable, Iterator

from graphql import TypeDefinitionNode, parse

from router.composition.context import Merge
from router.composition.field_sets import walk_field_set
from router.composition.resolvability import global_name, local_name, read_field_set
from router.composition.subgraph import Applied, Subgraph
from router.composition.type_ref import named_type
from router.spec.federation import ACCESS_DIRECTIVES
from router.supergraph.access import AccessRule, AccessRules, read_access_rules
from router.supergraph.links import write_plain_names

_OPEN = AccessRule(authenticated=False, scopes=(), policies=())


def check_transitive_access(merge: Merge, sdl: str) -> None:
    """Check that each field with a requirement asks for whatever the fields in its field set ask for."""
    if not any(name in merge.composed for name in ACCESS_DIRECTIVES):
        return
    document = write_plain_names(parse(sdl, no_location=True))
    definitions = [node for node in document.definitions if isinstance(node, TypeDefinitionNode)]
    rules = read_access_rules(definitions)
    for subgraph in merge.subgraphs:
        for declared, item in subgraph.fields():
            applied = item.find("requires")
            if applied is None:
                continue
            own = [rules.of_type(declared.name), rules.of_field(declared.name, item.name)]
            for needed in _open_doors(subgraph, declared.name, applied, rules, own):
                merge.report.error(
                    "MISSING_TRANSITIVE_AUTH_REQUIREMENTS",
                    f'[{subgraph.name}] Field "{declared.name}.{item.name}" does not specify necessary '
                    f"@authenticated, @requiresScopes and/or @policy auth requirements to access the transitive data "
                    f'of "{needed}" from its @requires: add them to the field.',
                    [(subgraph.name, item.node)],
                )


def _open_doors(
    subgraph: Subgraph, owner: str, applied: Applied, rules: AccessRules, own: Iterable[AccessRule | None]
) -> Iterator[str]:
    """What the field set reaches and `own` does not ask enough for."""
    selections = read_field_set(subgraph, owner, applied)
    if selections is None:
        return
    held = [rule for rule in own if rule is not None]
    for selected in walk_field_set(subgraph.schema, local_name(subgraph, owner), selections):
        parent = global_name(subgraph, selected.parent)
        field = subgraph.find_field(parent, selected.name)
        needed = {
            f"{parent}.{selected.name}": rules.of_field(parent, selected.name),
            parent: rules.of_type(parent),
        }
        if field is not None:
            needed[named_type(field.type)] = rules.of_type(named_type(field.type))
        yield from (name for name, rule in needed.items() if not _is_implied(rule or _OPEN, held))


def _is_implied(needed: AccessRule, held: Iterable[AccessRule]) -> bool:
    rules = list(held)
    if needed.authenticated and not any(rule.authenticated for rule in rules):
        return False
    for kind in ("scopes", "policies"):
        # Each of our ANDs has to contain one of theirs; a rule that is not there is the empty AND.
        ours = {frozenset[str]()}
        for rule in rules:
            ours = {one | other for one in ours for other in getattr(rule, kind) or (frozenset[str](),)}
        theirs = getattr(needed, kind) or (frozenset[str](),)
        if not all(any(their <= our for their in theirs) for our in ours):
            return False
    return True
