"""The composed schema as a frozen model: per type and per subgraph, what each subgraph can do.

The supergraph SDL says it in directives of the join spec; this is the same knowledge as records, with
field sets read. Nothing here decides anything: `router.query_graph` derives the steps that are possible.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from graphql import DocumentNode, GraphQLSchema, print_schema

from router.kit.garbage import collection_paused
from router.supergraph.access import AccessRules
from router.supergraph.api_schema import build_api_schema, forget_nodes
from router.supergraph.read import parse_supergraph, read_supergraph
from router.supergraph.records import SubgraphInfo, TypeInfo, TypeKind


@dataclass(frozen=True)
class Supergraph:
    """One composed schema, built by `Supergraph.read`.

    `types` has every type by name, inaccessible ones too; `root_types` the names of those that operations
    start from, by operation kind.
    """

    sdl: str
    subgraphs: tuple[SubgraphInfo, ...]
    types: Mapping[str, TypeInfo]
    root_types: Mapping[str, str]
    access: AccessRules

    @staticmethod
    def read(sdl: str) -> "Supergraph":
        """Read supergraph SDL into the model.

        Raises:
            SupergraphError: no supergraph in the join spec's form, or it needs an unknown security feature.
        """
        with collection_paused():
            records = read_supergraph(sdl)
        supergraph = Supergraph(sdl, records.subgraphs, records.types, records.root_types, records.access)
        supergraph.__dict__["document"] = records.document
        return supergraph

    @cached_property
    def document(self) -> DocumentNode:
        """The syntax of the SDL."""
        with collection_paused():
            return parse_supergraph(self.sdl)

    def forget_syntax(self) -> None:
        """Drop the syntax trees, also those in the API schema, when a router has been built from all that they say.

        They are most of what a large supergraph has in objects, which the collector walks at each reload. Who asks for them
        again, or for the API schema, has them made again.
        """
        self.__dict__.pop("document", None)
        schema = self.__dict__.pop("api_schema", None)
        if schema is not None:
            forget_nodes(schema)

    @cached_property
    def api_schema(self) -> GraphQLSchema:
        """The schema that clients see: no join machinery, nothing inaccessible."""
        with collection_paused():
            return build_api_schema(self.document)

    @cached_property
    def api_sdl(self) -> str:
        """The API schema as text."""
        return print_schema(self.api_schema)

    def root_kind(self, type_name: str) -> str | None:
        """Find the operation kind whose root type this is."""
        return next((kind for kind, name in self.root_types.items() if name == type_name), None)

    @cached_property
    def _possible_types(self) -> dict[str, tuple[str, ...]]:
        possible: dict[str, tuple[str, ...]] = {}
        for name, info in self.types.items():
            if info.kind is TypeKind.OBJECT:
                possible[name] = (name,)
            elif info.kind is TypeKind.UNION:
                possible[name] = info.members
            elif info.kind is TypeKind.INTERFACE:
                possible[name] = tuple(
                    other.name
                    for other in self.types.values()
                    if other.kind is TypeKind.OBJECT and name in other.interfaces
                )
        return possible

    def possible_types(self, name: str) -> tuple[str, ...]:
        """Name the object types that a value of type `name` can have, in supergraph order."""
        return self._possible_types.get(name, ())

    @cached_property
    def override_labels(self) -> tuple[str, ...]:
        """The labels of all progressive overrides, sorted."""
        fields = (item for info in self.types.values() for item in info.fields.values())
        entries = (entry for item in fields for entry in item.graphs.values())
        return tuple(sorted({entry.override_label for entry in entries if entry.override_label}))

    @cached_property
    def _context_setters(self) -> dict[str, frozenset[str]]:
        setters: dict[str, frozenset[str]] = {}
        for info in self.types.values():
            for context in info.contexts:
                below = (name for name in self.types if self.is_subtype(name, info.name))
                setters[context] = setters.get(context, frozenset()).union(below)
        return setters

    @property
    def has_contexts(self) -> bool:
        """Whether any type sets a context."""
        return bool(self._context_setters)

    def context_setters(self, context: str) -> frozenset[str]:
        """Name the types that set a context: those that carry `@context`, and what belongs to them if abstract."""
        return self._context_setters.get(context, frozenset())

    def is_subtype(self, name: str, of: str) -> bool:
        """Whether every object of type `name` is one of type `of`."""
        if name == of:
            return True
        info = self.types.get(of)
        if info is None or name not in self.types:
            return False
        return name in info.members or of in self.types[name].interfaces
