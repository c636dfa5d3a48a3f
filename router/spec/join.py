"""The link and join specifications: the machinery that every supergraph carries.

Spec: https://specs.apollo.dev/link/v1.0, https://specs.apollo.dev/join/v0.3 to v0.5.
"""

LINK_URL = "https://specs.apollo.dev/link/v1.0"


def join_version(federation: tuple[int, int]) -> str:
    """The join version that a supergraph of subgraphs on `federation` and older is written in."""
    if federation >= (2, 8):
        return "v0.5"
    return "v0.4" if federation >= (2, 7) else "v0.3"


def join_directives(version: str) -> list[str]:
    """Definitions of the machinery's directives, in the order of their names."""
    newer = version != "v0.3"
    label = ", overrideLabel: String" if newer else ""
    context = ", contextArguments: [join__ContextArgument!]" if version == "v0.5" else ""
    definitions = [
        "directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE",
        (
            "directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, "
            f"type: String, external: Boolean, override: String, usedOverridden: Boolean{label}{context}) "
            "repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION"
        ),
        "directive @join__graph(name: String!, url: String!) on ENUM_VALUE",
        "directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE",
        (
            "directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, "
            "resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) "
            "repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR"
        ),
        "directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION",
        "directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA",
    ]
    if newer:
        definitions.insert(
            0,
            "directive @join__directive(graphs: [join__Graph!], name: String!, args: join__DirectiveArguments) "
            "repeatable on SCHEMA | OBJECT | INTERFACE | FIELD_DEFINITION",
        )
    return definitions


def join_scalars(version: str) -> list[str]:
    """Names of the machinery's scalars."""
    scalars = ["join__FieldSet", "link__Import"]
    if version != "v0.3":
        scalars.append("join__DirectiveArguments")
    if version == "v0.5":
        scalars.append("join__FieldValue")
    return scalars


CONTEXT_ARGUMENT_FIELDS = (
    "name: String!",
    "type: String!",
    "context: String!",
    "selection: join__FieldValue!",
)

PURPOSES = (
    ("SECURITY", "`SECURITY` features provide metadata necessary to securely resolve fields."),
    ("EXECUTION", "`EXECUTION` features provide metadata necessary for operation execution."),
)
