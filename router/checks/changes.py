"""A change of a schema: what kind it is, where, and how much it matters to those who use the schema."""

from dataclasses import dataclass
from enum import StrEnum

from router.composition.report import Location


class Criticality(StrEnum):
    """What a change may do to a client that is left as it is.

    BREAKING: an operation that was valid may be refused, or answered with what the client takes for impossible.
    DANGEROUS: every operation stays valid, and some client may meet what it did not know.
    SAFE: nobody notices who does not look for it.
    """

    BREAKING = "breaking"
    DANGEROUS = "dangerous"
    SAFE = "safe"


class ChangeKind(StrEnum):
    """Every kind of change that is told apart. The names are stable; most are those of GraphQL Inspector."""

    SCHEMA_QUERY_TYPE_CHANGED = "SCHEMA_QUERY_TYPE_CHANGED"
    SCHEMA_MUTATION_TYPE_CHANGED = "SCHEMA_MUTATION_TYPE_CHANGED"
    SCHEMA_SUBSCRIPTION_TYPE_CHANGED = "SCHEMA_SUBSCRIPTION_TYPE_CHANGED"
    SCHEMA_DESCRIPTION_CHANGED = "SCHEMA_DESCRIPTION_CHANGED"
    TYPE_ADDED = "TYPE_ADDED"
    TYPE_REMOVED = "TYPE_REMOVED"
    TYPE_KIND_CHANGED = "TYPE_KIND_CHANGED"
    TYPE_DESCRIPTION_CHANGED = "TYPE_DESCRIPTION_CHANGED"
    SCALAR_SPECIFIED_BY_CHANGED = "SCALAR_SPECIFIED_BY_CHANGED"
    OBJECT_TYPE_INTERFACE_ADDED = "OBJECT_TYPE_INTERFACE_ADDED"
    OBJECT_TYPE_INTERFACE_REMOVED = "OBJECT_TYPE_INTERFACE_REMOVED"
    FIELD_ADDED = "FIELD_ADDED"
    FIELD_REMOVED = "FIELD_REMOVED"
    FIELD_TYPE_CHANGED = "FIELD_TYPE_CHANGED"
    FIELD_DESCRIPTION_CHANGED = "FIELD_DESCRIPTION_CHANGED"
    FIELD_DEPRECATION_ADDED = "FIELD_DEPRECATION_ADDED"
    FIELD_DEPRECATION_REMOVED = "FIELD_DEPRECATION_REMOVED"
    FIELD_DEPRECATION_REASON_CHANGED = "FIELD_DEPRECATION_REASON_CHANGED"
    FIELD_ARGUMENT_ADDED = "FIELD_ARGUMENT_ADDED"
    FIELD_ARGUMENT_REMOVED = "FIELD_ARGUMENT_REMOVED"
    FIELD_ARGUMENT_TYPE_CHANGED = "FIELD_ARGUMENT_TYPE_CHANGED"
    FIELD_ARGUMENT_DEFAULT_CHANGED = "FIELD_ARGUMENT_DEFAULT_CHANGED"
    FIELD_ARGUMENT_DESCRIPTION_CHANGED = "FIELD_ARGUMENT_DESCRIPTION_CHANGED"
    FIELD_ARGUMENT_DEPRECATION_ADDED = "FIELD_ARGUMENT_DEPRECATION_ADDED"
    FIELD_ARGUMENT_DEPRECATION_REMOVED = "FIELD_ARGUMENT_DEPRECATION_REMOVED"
    FIELD_ARGUMENT_DEPRECATION_REASON_CHANGED = "FIELD_ARGUMENT_DEPRECATION_REASON_CHANGED"
    INPUT_FIELD_ADDED = "INPUT_FIELD_ADDED"
    INPUT_FIELD_REMOVED = "INPUT_FIELD_REMOVED"
    INPUT_FIELD_TYPE_CHANGED = "INPUT_FIELD_TYPE_CHANGED"
    INPUT_FIELD_DEFAULT_VALUE_CHANGED = "INPUT_FIELD_DEFAULT_VALUE_CHANGED"
    INPUT_FIELD_DESCRIPTION_CHANGED = "INPUT_FIELD_DESCRIPTION_CHANGED"
    INPUT_FIELD_DEPRECATION_ADDED = "INPUT_FIELD_DEPRECATION_ADDED"
    INPUT_FIELD_DEPRECATION_REMOVED = "INPUT_FIELD_DEPRECATION_REMOVED"
    INPUT_FIELD_DEPRECATION_REASON_CHANGED = "INPUT_FIELD_DEPRECATION_REASON_CHANGED"
    INPUT_ONE_OF_ADDED = "INPUT_ONE_OF_ADDED"
    INPUT_ONE_OF_REMOVED = "INPUT_ONE_OF_REMOVED"
    ENUM_VALUE_ADDED = "ENUM_VALUE_ADDED"
    ENUM_VALUE_REMOVED = "ENUM_VALUE_REMOVED"
    ENUM_VALUE_DESCRIPTION_CHANGED = "ENUM_VALUE_DESCRIPTION_CHANGED"
    ENUM_VALUE_DEPRECATION_ADDED = "ENUM_VALUE_DEPRECATION_ADDED"
    ENUM_VALUE_DEPRECATION_REMOVED = "ENUM_VALUE_DEPRECATION_REMOVED"
    ENUM_VALUE_DEPRECATION_REASON_CHANGED = "ENUM_VALUE_DEPRECATION_REASON_CHANGED"
    UNION_MEMBER_ADDED = "UNION_MEMBER_ADDED"
    UNION_MEMBER_REMOVED = "UNION_MEMBER_REMOVED"
    DIRECTIVE_ADDED = "DIRECTIVE_ADDED"
    DIRECTIVE_REMOVED = "DIRECTIVE_REMOVED"
    DIRECTIVE_DESCRIPTION_CHANGED = "DIRECTIVE_DESCRIPTION_CHANGED"
    DIRECTIVE_LOCATION_ADDED = "DIRECTIVE_LOCATION_ADDED"
    DIRECTIVE_LOCATION_REMOVED = "DIRECTIVE_LOCATION_REMOVED"
    DIRECTIVE_REPEATABLE_ADDED = "DIRECTIVE_REPEATABLE_ADDED"
    DIRECTIVE_REPEATABLE_REMOVED = "DIRECTIVE_REPEATABLE_REMOVED"
    DIRECTIVE_ARGUMENT_ADDED = "DIRECTIVE_ARGUMENT_ADDED"
    DIRECTIVE_ARGUMENT_REMOVED = "DIRECTIVE_ARGUMENT_REMOVED"
    DIRECTIVE_ARGUMENT_TYPE_CHANGED = "DIRECTIVE_ARGUMENT_TYPE_CHANGED"
    DIRECTIVE_ARGUMENT_DEFAULT_VALUE_CHANGED = "DIRECTIVE_ARGUMENT_DEFAULT_VALUE_CHANGED"
    DIRECTIVE_ARGUMENT_DESCRIPTION_CHANGED = "DIRECTIVE_ARGUMENT_DESCRIPTION_CHANGED"
    DIRECTIVE_ARGUMENT_DEPRECATION_ADDED = "DIRECTIVE_ARGUMENT_DEPRECATION_ADDED"
    DIRECTIVE_ARGUMENT_DEPRECATION_REMOVED = "DIRECTIVE_ARGUMENT_DEPRECATION_REMOVED"
    DIRECTIVE_ARGUMENT_DEPRECATION_REASON_CHANGED = "DIRECTIVE_ARGUMENT_DEPRECATION_REASON_CHANGED"
    DIRECTIVE_USAGE_ADDED = "DIRECTIVE_USAGE_ADDED"
    DIRECTIVE_USAGE_REMOVED = "DIRECTIVE_USAGE_REMOVED"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two schemas.

    Attributes:
        coordinate: the element, in GraphQL's notation: `Type.field`, `Type.field(argument:)`, `Enum.VALUE`, `@directive`;
            an applied directive stands behind its element: `Type.field @key`; empty for the schema itself.
        message: one sentence.
        affects: coordinates in the old schema; only an operation that uses all of them can notice.
        subgraphs: who made it, by name, sorted.
        operations: the clients' operations that it concerns, by name; None if no operations were given.
        locations: the element in the new subgraphs' schemas, or what it was removed from.
    """

    criticality: Criticality
    kind: ChangeKind
    coordinate: str
    message: str
    affects: tuple[str, ...]
    subgraphs: tuple[str, ...] = ()
    operations: tuple[str, ...] | None = None
    locations: tuple[Location, ...] = ()

    @property
    def is_harmful(self) -> bool:
        """Whether it breaks a client: a breaking change does, unless no operation of the clients uses the element."""
        return self.criticality is Criticality.BREAKING and self.operations != ()


def breaking(kind: ChangeKind, coordinate: str, message: str, *affects: str) -> Change:
    """A breaking change; without `affects`, it concerns the users of its own coordinate."""
    return Change(Criticality.BREAKING, kind, coordinate, message, affects or (coordinate,))


def dangerous(kind: ChangeKind, coordinate: str, message: str, *affects: str) -> Change:
    """A dangerous change."""
    return Change(Criticality.DANGEROUS, kind, coordinate, message, affects or (coordinate,))


def safe(kind: ChangeKind, coordinate: str, message: str) -> Change:
    """A safe change."""
    return Change(Criticality.SAFE, kind, coordinate, message, (coordinate,))
