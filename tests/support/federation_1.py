"""A supergraph as federation 1 composed it, and the subgraphs that it was made of."""

SUBGRAPHS = {
    "accounts": """
        extend type Query { me: User users: [User] search: [Found] }
        type User @key(fields: "id") @key(fields: "email") { id: ID! email: String! name: Name username: String rank: Rank }
        type Name { first: String last: String }
        enum Rank { LOW HIGH }
        union Found = User | Note
        type Note { text: String by: Name }
    """,
    "stock": """
        extend type Good @key(fields: "upc") { upc: String! @external weight: Int @external price: Int @external inStock: Boolean shipping: Int @requires(fields: "price weight") }
        extend type Query { stocked: [Good] }
    """,
    "goods": """
        extend type Query { goods: [Ware] good(upc: String!): Good }
        interface Ware { upc: String! price: Int size: Size }
        type Good implements Ware @key(fields: "upc") { upc: String! name: String price: Int weight: Int size: Size maker: Maker }
        type Book implements Ware @key(fields: "isbn maker { code }") { isbn: String! upc: String! price: Int size: Size maker: Maker title: String }
        type Maker @key(fields: "code") { code: ID! country: String }
        type Size { w: Int h: Int }
    """,
    "reviews": """
        type Review @key(fields: "id") { id: ID! body: String author: User @provides(fields: "username") good: Good }
        extend type User @key(fields: "email") { email: String! @external username: String @external reviews: [Review] }
        extend type Good @key(fields: "upc") { upc: String! @external reviews: [Review] }
        extend type Book @key(fields: "isbn maker { code }") { isbn: String! @external maker: Maker @external reviews: [Review] }
        extend type Maker @key(fields: "code") { code: ID! @external }
        extend type Mutation { rate(upc: String!): Review }
    """,
}

SUPERGRAPH = """
schema @core(feature: "https://specs.apollo.dev/core/v0.1") @core(feature: "https://specs.apollo.dev/join/v0.1") { query: Query mutation: Mutation }
directive @core(feature: String!) repeatable on SCHEMA
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet) on FIELD_DEFINITION
directive @join__type(graph: join__Graph!, key: join__FieldSet) repeatable on OBJECT | INTERFACE
directive @join__owner(graph: join__Graph!) on OBJECT | INTERFACE
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
scalar join__FieldSet
enum join__Graph {
  ACCOUNTS @join__graph(name: "accounts" url: "http://accounts")
  GOODS @join__graph(name: "goods" url: "http://goods")
  REVIEWS @join__graph(name: "reviews" url: "http://reviews")
  STOCK @join__graph(name: "stock" url: "http://stock")
}
type Query {
  me: User @join__field(graph: ACCOUNTS)
  users: [User] @join__field(graph: ACCOUNTS)
  search: [Found] @join__field(graph: ACCOUNTS)
  stocked: [Good] @join__field(graph: STOCK)
  goods: [Ware] @join__field(graph: GOODS)
  good(upc: String!): Good @join__field(graph: GOODS)
}
type Mutation { rate(upc: String!): Review @join__field(graph: REVIEWS) }
type User @join__owner(graph: ACCOUNTS) @join__type(graph: ACCOUNTS, key: "id") @join__type(graph: ACCOUNTS, key: "email") @join__type(graph: REVIEWS, key: "email") {
  id: ID! @join__field(graph: ACCOUNTS)
  email: String! @join__field(graph: ACCOUNTS)
  name: Name @join__field(graph: ACCOUNTS)
  username: String @join__field(graph: ACCOUNTS)
  rank: Rank
  reviews: [Review] @join__field(graph: REVIEWS)
}
type Name { first: String last: String }
enum Rank { LOW HIGH }
union Found = User | Note
type Note { text: String by: Name }
interface Ware { upc: String! price: Int size: Size }
type Good implements Ware @join__owner(graph: GOODS) @join__type(graph: GOODS, key: "upc") @join__type(graph: STOCK, key: "upc") @join__type(graph: REVIEWS, key: "upc") {
  upc: String! @join__field(graph: GOODS)
  name: String @join__field(graph: GOODS)
  price: Int @join__field(graph: GOODS)
  weight: Int @join__field(graph: GOODS)
  size: Size @join__field(graph: GOODS)
  maker: Maker @join__field(graph: GOODS)
  inStock: Boolean @join__field(graph: STOCK)
  shipping: Int @join__field(graph: STOCK, requires: "price weight")
  reviews: [Review] @join__field(graph: REVIEWS)
}
type Book implements Ware @join__owner(graph: GOODS) @join__type(graph: GOODS, key: "isbn maker{code}") @join__type(graph: REVIEWS, key: "isbn maker{code}") {
  isbn: String! @join__field(graph: GOODS)
  upc: String! @join__field(graph: GOODS)
  price: Int @join__field(graph: GOODS)
  size: Size @join__field(graph: GOODS)
  maker: Maker @join__field(graph: GOODS)
  title: String @join__field(graph: GOODS)
  reviews: [Review] @join__field(graph: REVIEWS)
}
type Maker @join__owner(graph: GOODS) @join__type(graph: GOODS, key: "code") @join__type(graph: REVIEWS, key: "code") {
  code: ID! @join__field(graph: GOODS)
  country: String @join__field(graph: GOODS)
}
type Size { w: Int h: Int }
type Review @join__owner(graph: REVIEWS) @join__type(graph: REVIEWS, key: "id") {
  id: ID! @join__field(graph: REVIEWS)
  body: String @join__field(graph: REVIEWS)
  author: User @join__field(graph: REVIEWS, provides: "username")
  good: Good @join__field(graph: REVIEWS)
}
"""

OPERATIONS = (
    "{ me { username name { first last } rank } }",
    "{ me { reviews { body author { username } } } }",
    "{ me { reviews { author { username email name { first } } good { upc name size { w } } } } }",
    "{ users { id reviews { good { shipping inStock } } } }",
    "{ stocked { upc } }",
    "{ stocked { upc price shipping name } }",
    "{ goods { upc price size { w h } } }",
    "{ goods { upc ... on Good { inStock reviews { id } maker { code country } } ... on Book { title reviews { body } } } }",
    "{ search { ... on User { username reviews { id } } ... on Note { text by { last } } } }",
    'mutation { rate(upc: "1") { id good { price } author { username rank } } }',
    '{ good(upc: "1") { reviews { good { reviews { author { reviews { id } } } } } } }',
)
