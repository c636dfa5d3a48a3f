"""A small supergraph with access rules, its two subgraphs in memory, and a router for them."""

from collections.abc import Mapping
from typing import Any

from router.app import create_app
from router.executor.memory import MemoryTransport
from router.executor.transport import SubgraphTransport
from router.hooks.plugin import Plugin
from router.pipeline.generation import PolicyFunction
from router.server.asgi import RouterApp
from tests.support.stub_subgraph import SchemaSubgraph

SUPERGRAPH = """
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)
  @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)
  @link(url: "https://specs.apollo.dev/policy/v0.1", for: SECURITY)
{ query: Query mutation: Mutation subscription: Subscription }
directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean, override: String, usedOverridden: Boolean) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @requiresScopes(scopes: [[requiresScopes__Scope!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @policy(policies: [[policy__Policy!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
scalar requiresScopes__Scope
scalar policy__Policy
scalar join__FieldSet
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph {
  PRODUCTS @join__graph(name: "products", url: "http://products.invalid/graphql")
  USERS @join__graph(name: "users", url: "http://users.invalid/graphql")
}
type Query @join__type(graph: PRODUCTS) @join__type(graph: USERS) {
  products(first: Int = 2): [Product!] @join__field(graph: PRODUCTS)
  search: [Result] @join__field(graph: PRODUCTS)
  nodes: [Node] @join__field(graph: PRODUCTS)
  me: User @join__field(graph: USERS)
  secret: String @join__field(graph: USERS) @requiresScopes(scopes: [["a", "b"], ["c"]])
}
type Mutation @join__type(graph: PRODUCTS) { rename(id: ID!, name: String!): Product @join__field(graph: PRODUCTS) @policy(policies: [["verified"]]) }
type Subscription @join__type(graph: PRODUCTS) { ticked: Int @join__field(graph: PRODUCTS) }
interface Node @join__type(graph: PRODUCTS) { id: ID! label: String }
union Result @join__type(graph: PRODUCTS) @join__unionMember(graph: PRODUCTS, member: "Product") @join__unionMember(graph: PRODUCTS, member: "Draft") = Product | Draft
type Product implements Node @join__implements(graph: PRODUCTS, interface: "Node") @join__type(graph: PRODUCTS, key: "id") { id: ID! label: String name: String seller: User }
type Draft implements Node @join__implements(graph: PRODUCTS, interface: "Node") @join__type(graph: PRODUCTS) @authenticated { id: ID! label: String note: String }
type User @join__type(graph: PRODUCTS, key: "id") @join__type(graph: USERS, key: "id") {
  id: ID!
  name: String @join__field(graph: USERS)
  email: String @join__field(graph: USERS) @authenticated
  risk: Int @join__field(graph: USERS) @authenticated @requiresScopes(scopes: [["risk"]])
}
"""

PRODUCTS_SDL = """
type Query { products(first: Int = 2): [Product!] search: [Result] nodes: [Node] }
type Mutation { rename(id: ID!, name: String!): Product }
interface Node { id: ID! label: String }
union Result = Product | Draft
type Product implements Node { id: ID! label: String name: String seller: User }
type Draft implements Node { id: ID! label: String note: String }
type User { id: ID! }
"""
USERS_SDL = """
type Query { me: User secret: String }
type User { id: ID! name: String email: String risk: Int }
"""

PRODUCTS = [
    {"__typename": "Product", "id": "p1", "label": "L1", "name": "One", "seller": {"id": "u1"}},
    {"__typename": "Product", "id": "p2", "label": "L2", "name": "Two", "seller": {"id": "u1"}},
]
DRAFT = {"__typename": "Draft", "id": "d1", "label": "LD", "note": "n"}
USERS = {"u1": {"id": "u1", "name": "Ann", "email": "ann@example.org", "risk": 7}}


class SmallGraph:
    """The two subgraphs; each remembers its requests."""

    def __init__(self) -> None:
        self.products = SchemaSubgraph(
            PRODUCTS_SDL,
            {
                "products": lambda _info, first: PRODUCTS[:first],
                "search": [PRODUCTS[0], DRAFT],
                "nodes": [PRODUCTS[0], DRAFT],
                "rename": lambda _info, id, name: {**PRODUCTS[0], "id": id, "name": name},  # noqa: A006 -- its name in GraphQL
            },
        )
        self.users = SchemaSubgraph(
            USERS_SDL,
            {"me": USERS["u1"], "secret": "s"},
            {"User": lambda representation: USERS.get(representation["id"])},
        )

    @property
    def transport(self) -> MemoryTransport:
        """Reaches the two."""
        return MemoryTransport({"products": self.products, "users": self.users})

    def build_app(
        self,
        config: Mapping[str, Any] | None = None,
        policies: Mapping[str, PolicyFunction] | None = None,
        transport: SubgraphTransport | None = None,
        plugins: Mapping[str, Plugin] | None = None,
    ) -> RouterApp:
        """A router that shows subgraphs' errors and introspection, and whatever `config` says besides."""
        common = {"include_subgraph_errors": {"all": True}, "supergraph": {"introspection": True}}
        return create_app(
            SUPERGRAPH,
            config={**common, **(config or {})},
            transport=transport or self.transport,
            policies=policies,
            plugins=plugins,
        )
