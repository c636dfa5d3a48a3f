"""What clients can write: the fields of each object type of the API schema, and the objects each can give."""

from dataclasses import dataclass

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
)

from router.supergraph.model import Supergraph


@dataclass(frozen=True, slots=True, eq=False)
class VisibleField:
    """A field that clients can ask for.

    Attributes:
        type_name: the type that it is declared to give.
        objects: the object types that it can give; empty for a leaf.
        is_abstract: clients tell those apart by type conditions.
        labels: the override labels that say which subgraph resolves it.
    """

    name: str
    definition: GraphQLField
    type_name: str
    objects: tuple[str, ...]
    is_abstract: bool
    labels: tuple[str, ...]


class VisibleSchema:
    """The API schema, object type by object type."""

    def __init__(self, supergraph: Supergraph) -> None:
        self._schema = supergraph.api_schema
        self._supergraph = supergraph
        self._fields: dict[str, tuple[VisibleField, ...]] = {}
        self._abstract_fields: dict[str, tuple[VisibleField, ...]] = {}

    def roots(self) -> dict[str, str]:
        """The root types, by operation kind."""
        types = {
            "query": self._schema.query_type,
            "mutation": self._schema.mutation_type,
            "subscription": self._schema.subscription_type,
        }
        return {kind: root.name for kind, root in types.items() if root is not None}

    def fields(self, type_name: str) -> tuple[VisibleField, ...]:
        """The fields of an object type; those with nothing below them come first."""
        known = self._fields.get(type_name)
        if known is None:
            declared = self._schema.type_map.get(type_name)
            assert isinstance(declared, GraphQLObjectType)
            fields = [self._read(type_name, name, item) for name, item in declared.fields.items()]
            fields.sort(key=lambda item: bool(item.objects))
            known = self._fields[type_name] = tuple(fields)
        return known

    def abstract_fields(self, type_name: str) -> tuple[VisibleField, ...]:
        """Those fields of an object type that give objects of an interface or union."""
        known = self._abstract_fields.get(type_name)
        if known is None:
            known = tuple(item for item in self.fields(type_name) if item.is_abstract)
            self._abstract_fields[type_name] = known
        return known

    def _read(self, type_name: str, name: str, definition: GraphQLField) -> VisibleField:
        returned = get_named_type(definition.type)
        objects: tuple[str, ...] = ()
        is_abstract = isinstance(returned, GraphQLInterfaceType | GraphQLUnionType)
        if isinstance(returned, GraphQLInterfaceType | GraphQLUnionType):
            objects = tuple(item.name for item in self._schema.get_possible_types(returned))
        elif isinstance(returned, GraphQLObjectType):
            objects = (returned.name,)
        graphs = self._supergraph.types[type_name].fields[name].graphs.values()
        labels = dict.fromkeys(entry.override_label for entry in graphs if entry.override_label)
        return VisibleField(name, definition, returned.name, objects, is_abstract, tuple(labels))
