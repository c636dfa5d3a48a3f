"""The directives of the federation specification: what each version adds, and their definitions.

Spec: https://specs.apollo.dev/federation, v2.0 to v2.14; federation 1 for schemas without a link.
"""

from dataclasses import dataclass

IDENTITY = "https://specs.apollo.dev/federation"
SPECS = "https://specs.apollo.dev/"
LATEST = (2, 14)
FED1_AS = (2, 4)
"""The version that a federation 1 schema is upgraded to."""


@dataclass(frozen=True, slots=True)
class DirectiveSpec:
    """One directive: since which federation version, and its definition with `{}` for the names of its types.

    `before` is the definition until another version, if it has grown since.
    """

    name: str
    since: tuple[int, int]
    arguments: str
    locations: str
    is_repeatable: bool = False
    before: "tuple[tuple[int, int], DirectiveSpec] | None" = None

    def at(self, version: tuple[int, int]) -> "DirectiveSpec":
        """The definition as of a federation version."""
        if self.before is not None and version < self.before[0]:
            return self.before[1]
        return self


_ACCESS_LOCATIONS = "FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM"
_EVERYWHERE = (
    "FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE "
    "| INPUT_OBJECT | INPUT_FIELD_DEFINITION"
)

DIRECTIVES: dict[str, DirectiveSpec] = {
    spec.name: spec
    for spec in (
        DirectiveSpec(
            "key", (2, 0), "fields: {FieldSet}!, resolvable: Boolean = true", "OBJECT | INTERFACE", True
        ),
        DirectiveSpec("requires", (2, 0), "fields: {FieldSet}!", "FIELD_DEFINITION"),
        DirectiveSpec("provides", (2, 0), "fields: {FieldSet}!", "FIELD_DEFINITION"),
        DirectiveSpec("external", (2, 0), "reason: String", "OBJECT | FIELD_DEFINITION"),
        DirectiveSpec(
            *("tag", (2, 0), "name: String!", f"{_EVERYWHERE} | SCHEMA", True),
            before=((2, 3), DirectiveSpec("tag", (2, 0), "name: String!", _EVERYWHERE, True)),
        ),
        DirectiveSpec("extends", (2, 0), "", "OBJECT | INTERFACE"),
        DirectiveSpec(
            *("shareable", (2, 0), "", "OBJECT | FIELD_DEFINITION", True),
            before=((2, 2), DirectiveSpec("shareable", (2, 0), "", "OBJECT | FIELD_DEFINITION")),
        ),
        DirectiveSpec("inaccessible", (2, 0), "", _EVERYWHERE),
        DirectiveSpec(
            *("override", (2, 0), "from: String!, label: String", "FIELD_DEFINITION"),
            before=((2, 7), DirectiveSpec("override", (2, 0), "from: String!", "FIELD_DEFINITION")),
        ),
        DirectiveSpec("composeDirective", (2, 1), "name: String", "SCHEMA", True),
        DirectiveSpec("interfaceObject", (2, 3), "", "OBJECT"),
        DirectiveSpec("authenticated", (2, 5), "", _ACCESS_LOCATIONS),
        DirectiveSpec("requiresScopes", (2, 5), "scopes: [[{Scope}!]!]!", _ACCESS_LOCATIONS),
        DirectiveSpec("policy", (2, 6), "policies: [[{Policy}!]!]!", _ACCESS_LOCATIONS),
        DirectiveSpec("context", (2, 8), "name: String!", "INTERFACE | OBJECT | UNION", True),
        DirectiveSpec("fromContext", (2, 8), "field: {ContextFieldValue}", "ARGUMENT_DEFINITION"),
        DirectiveSpec(
            "cost",
            (2, 9),
            "weight: Int!",
            "ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR",
        ),
        DirectiveSpec(
            "listSize",
            (2, 9),
            "assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], "
            "requireOneSlicingArgument: Boolean = true",
            "FIELD_DEFINITION",
        ),
        DirectiveSpec("cacheTag", (2, 12), "format: String!", "OBJECT | FIELD_DEFINITION", True),
    )
}

ACCESS_DIRECTIVES = ("authenticated", "requiresScopes", "policy")
FED1_DIRECTIVES = ("key", "requires", "provides", "external", "extends", "tag")
UPGRADED_DIRECTIVES = ("shareable", "inaccessible", "override", "composeDirective", "interfaceObject")
"""What a federation 1 schema has too once it is upgraded, if it defines them itself."""

SCALARS_SINCE: dict[str, tuple[int, int]] = {
    "FieldSet": (2, 0),
    "Scope": (2, 5),
    "Policy": (2, 6),
    "ContextFieldValue": (2, 8),
}


def known_elements(version: tuple[int, int]) -> frozenset[str]:
    """Every name that a link to federation `version` may import; directives begin with `@`."""
    directives = {f"@{spec.name}" for spec in DIRECTIVES.values() if spec.since <= version}
    return frozenset(directives | {name for name, since in SCALARS_SINCE.items() if since <= version})


JOINED: dict[str, str] = {"cacheTag": f"{SPECS}cacheTag/v0.1"}
"""Federation's directives that reach the supergraph inside `@join__directive` -> the url linked for them."""


@dataclass(frozen=True, slots=True)
class ComposedSpec:
    """A spec whose directives reach the supergraph: its newest version and the definition printed there."""

    name: str
    version: str
    purpose: str | None
    directives: tuple[str, ...]


_PRINTED_ACCESS = "FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM"

COMPOSED: dict[str, ComposedSpec] = {
    spec.name: spec
    for spec in (
        ComposedSpec("tag", "v0.3", None, ("tag",)),
        ComposedSpec("inaccessible", "v0.2", "SECURITY", ("inaccessible",)),
        ComposedSpec("authenticated", "v0.1", "SECURITY", ("authenticated",)),
        ComposedSpec("requiresScopes", "v0.1", "SECURITY", ("requiresScopes",)),
        ComposedSpec("policy", "v0.1", "SECURITY", ("policy",)),
        ComposedSpec("cost", "v0.1", None, ("cost", "listSize")),
        ComposedSpec("context", "v0.1", "SECURITY", ("context", "fromContext")),
    )
}
COMPOSED_BY_DIRECTIVE: dict[str, ComposedSpec] = {
    # Composing uses `@fromContext` up; only its definition is in the supergraph.
    directive: spec
    for spec in COMPOSED.values()
    for directive in spec.directives
    if directive != "fromContext"
}
COMPOSED_DEFINITIONS: dict[str, str] = {
    "tag": f"directive @{{name}}(name: String!) repeatable on {_EVERYWHERE} | SCHEMA",
    "inaccessible": f"directive @{{name}} on {_EVERYWHERE}",
    "authenticated": f"directive @{{name}} on {_PRINTED_ACCESS}",
    "requiresScopes": f"directive @{{name}}(scopes: [[requiresScopes__Scope!]!]!) on {_PRINTED_ACCESS}",
    "policy": f"directive @{{name}}(policies: [[policy__Policy!]!]!) on {_PRINTED_ACCESS}",
    "cost": (
        "directive @{name}(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION "
        "| INPUT_FIELD_DEFINITION | OBJECT | SCALAR"
    ),
    "listSize": (
        "directive @{name}(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], "
        "requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION"
    ),
    "context": "directive @{name}(name: String!) repeatable on INTERFACE | OBJECT | UNION",
    "fromContext": "directive @{name}(field: context__ContextFieldValue) on ARGUMENT_DEFINITION",
}
COMPOSED_SCALARS = {
    "requiresScopes": "requiresScopes__Scope",
    "policy": "policy__Policy",
    "context": "context__ContextFieldValue",
}
