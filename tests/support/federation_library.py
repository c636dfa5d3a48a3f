"""A federation of six subgraphs that uses everything at once: a library that also sells."""

LIBRARY = {
    "catalog": """
        type Query { media: [Media!]! book: Book find(n: Int): Found lists: [[Media!]!]! }
        interface Media @key(fields: "id") { id: ID! title: String by: Author }
        type Book implements Media @key(fields: "id") @key(fields: "isbn") {
          id: ID! isbn: ID! title: String by: Author pages: Int @shareable size: Size @shareable
        }
        type Film implements Media @key(fields: "id") { id: ID! title: String by: Author cast: [Author!]! }
        type Size @shareable { w: Int h: Int }
        type Author @key(fields: "id") { id: ID! }
        type Shelf { room: ID! @shareable books: [Book!]! }
        union Found = Book | Film | Author | Shelf
    """,
    "authors": """
        type Query { authors: [Author!]! best: Author @provides(fields: "motto") }
        type Author @key(fields: "id") @key(fields: "email") { id: ID! name: String email: ID! favourite: Media motto: String @external home: Place }
        interface Media @key(fields: "id") { id: ID! }
        type Book implements Media @key(fields: "id") { id: ID! }
        type Film implements Media @key(fields: "id") { id: ID! }
        interface Place { city: String }
        type House implements Place { city: String number: Int }
        type Boat implements Place { city: String knots: Int }
    """,
    "quotes": """
        type Author @key(fields: "email") { email: ID! motto: String @shareable years: Int quoted: [Quote!]! }
        type Quote { text(lang: String): String of: Author source: Book }
        type Book @key(fields: "isbn") { isbn: ID! quotes: [Quote!]! }
    """,
    "shop": """
        type Query { basket: Basket }
        type Basket @key(fields: "id") { id: ID! lines: [Line!]! total: Int @requires(fields: "discount") discount: Int @external }
        type Line { count: Int! item: Book }
        type Book @key(fields: "id") {
          id: ID! cost(cur: String! = "EUR"): Int pages: Int @shareable size: Size @shareable weight: Int
          postage: Int @requires(fields: "bulk { grams }") bulk: Bulk @external
        }
        type Film @key(fields: "id") { id: ID! cost(cur: String! = "EUR"): Int }
        type Size @shareable { h: Int d: Int }
        type Bulk { grams: Int @external }
    """,
    "depot": """
        type Basket @key(fields: "id") { id: ID! discount: Int }
        type Book @key(fields: "id") {
          id: ID! cost(cur: String! = "EUR"): Int @external weight: Int @external
          bulk: Bulk @requires(fields: "weight")
          tax: Int @requires(fields: "cost(cur: \\"USD\\")") fee: Int @requires(fields: "cost(cur: \\"EUR\\") weight")
          stock: Int
        }
        type Bulk { grams: Int crates: Int }
    """,
    "ratings": """
        type Query { rated: [Media!]! }
        type Media @key(fields: "id") @interfaceObject {
          id: ID! stars: Int title: String @external review: String @requires(fields: "title") reviews(first: Int): [Review!]!
        }
        type Review @key(fields: "id") { id: ID! text: String on: Media author: Author }
        type Author @key(fields: "id") { id: ID! reviews: [Review!]! }
    """,
}
