"""Whole plans, as they are printed: the order of fetches, what is sent, what is asked."""

from textwrap import dedent

from tests.support.federation_plans import Federation

_SHOP = Federation(
    {
        "orders": """
            type Query { myOrders: [Order!]! }
            type Order @key(fields: "id") { id: ID! number: String @shareable total: Money customer: User lines: [Line!]! }
            type Money @shareable { amount: Int currency: String }
            type Line { product: Product }
            type User @key(fields: "id", resolvable: false) { id: ID! }
            type Product @key(fields: "id", resolvable: false) { id: ID! }
        """,
        "payments": """
            type Order @key(fields: "id") {
              id: ID! number: String @external
              total: Money @external
              due: Money @requires(fields: "total { amount currency }")
              payments: [Payment!]!
            }
            type Money @shareable { amount: Int currency: String }
            type Payment { status: String order: Order @provides(fields: "number") }
        """,
        "users": 'type User @key(fields: "id") { id: ID! name: String }',
        "products": 'type Product @key(fields: "id") { id: ID! name: String }',
    }
)

_ITEMS = Federation(
    {
        "a": 'type Query { i: Item tops: [Item!]! } type Item @key(fields: "id") { id: ID! }',
        "b": 'type Item @key(fields: "id") { id: ID! p: Int q: Int }',
    }
)


def _assert_plan(federation: Federation, query: str, expected: str) -> None:
    assert str(federation.plan(query)) == dedent(expected).strip()


def test_required_fields_ride_with_the_key_and_provided_fields_save_a_fetch() -> None:
    _assert_plan(
        _SHOP,
        "{ myOrders { due { amount } payments { status order { number } } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "orders") {
              {
                myOrders {
                  __typename
                  id
                  total {
                    amount
                    currency
                  }
                }
              }
            },
            Flatten(path: "myOrders.@") {
              Fetch(service: "payments") {
                {
                  ... on Order {
                    __typename
                    id
                    total {
                      amount
                      currency
                    }
                  }
                } =>
                {
                  ... on Order {
                    due {
                      amount
                    }
                    payments {
                      status
                      order {
                        number
                      }
                    }
                  }
                }
              }
            },
          }
        }
        """,
    )


def test_fetches_of_several_subgraphs_run_in_parallel() -> None:
    _assert_plan(
        _SHOP,
        "{ myOrders { customer { name } lines { product { name } } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "orders") {
              {
                myOrders {
                  customer {
                    __typename
                    id
                  }
                  lines {
                    product {
                      __typename
                      id
                    }
                  }
                }
              }
            },
            Parallel {
              Flatten(path: "myOrders.@.customer") {
                Fetch(service: "users") {
                  {
                    ... on User {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on User {
                      name
                    }
                  }
                }
              },
              Flatten(path: "myOrders.@.lines.@.product") {
                Fetch(service: "products") {
                  {
                    ... on Product {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Product {
                      name
                    }
                  }
                }
              },
            },
          }
        }
        """,
    )


_ITEMS = Federation(
    {
        "a": 'type Query { i: Item tops: [Item!]! pick: Pick } union Pick = Item | Box type Item @key(fields: "id") { id: ID! name: String } type Box { it: Item }',
        "b": 'type Item @key(fields: "id") { id: ID! p: Int q: Int }',
    }
)


def test_one_request_serves_two_places() -> None:
    _assert_plan(
        _ITEMS,
        "{ i { p } tops { p } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                i {
                  __typename
                  id
                }
                tops {
                  __typename
                  id
                }
              }
            },
            Flatten(path: "i, tops.@") {
              Fetch(service: "b") {
                {
                  ... on Item {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Item {
                    p
                  }
                }
              }
            },
          }
        }
        """,
    )


def test_one_request_asks_different_fields_at_two_places() -> None:
    _assert_plan(
        _ITEMS,
        "{ i { p } pick { ... on Box { it { q } } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                i {
                  __typename
                  id
                }
                pick {
                  __typename
                  ... on Box {
                    it {
                      __typename
                      id
                    }
                  }
                }
              }
            },
            BatchFetch(service: "b") {
              _e0(path: "i")
              {
                ... on Item {
                  __typename
                  id
                }
              } =>
              {
                ... on Item {
                  p
                }
              }
              _e1(path: "pick|[Box].it")
              {
                ... on Item {
                  __typename
                  id
                }
              } =>
              {
                ... on Item {
                  q
                }
              }
            },
          }
        }
        """,
    )


def test_a_fetch_that_is_wanted_under_a_condition_stands_under_it() -> None:
    _assert_plan(
        _ITEMS,
        "query ($c: Boolean!) { i { name p @skip(if: $c) } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                i {
                  __typename
                  name
                  id
                }
              }
            },
            Skip(if: $c) {
              Flatten(path: "i") {
                Fetch(service: "b") {
                  {
                    ... on Item {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Item {
                      p
                    }
                  }
                }
              },
            },
          }
        }
        """,
    )


def test_a_conditional_list_rides_with_an_unconditional_one() -> None:
    plan = _ITEMS.plan("query ($c: Boolean!) { i { p } tops { q @include(if: $c) } }")
    assert "Include" not in str(plan)
    assert '_e0(path: "i")\n' in str(plan)
    assert '_e1(path: "tops.@") @include(if: $c)\n' in str(plan)
    assert "q @include" not in str(plan)


def test_a_condition_that_all_lists_share_stands_around_the_request() -> None:
    asked = "i @include(if: $c) { p } tops @include(if: $c) { q @skip(if: $d) }"
    plan = _ITEMS.plan(f"query ($c: Boolean!, $d: Boolean!) {{ {asked} }}")
    assert "Include(if: $c)" in str(plan)
    assert '_e1(path: "tops.@") @skip(if: $d)\n' in str(plan)


def test_hidden_fields_take_other_keys_where_the_client_has_taken_theirs() -> None:
    _assert_plan(
        _ITEMS,
        "{ i { id: name p } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                i {
                  __typename
                  id: name
                  _h0: id
                }
              }
            },
            Flatten(path: "i") {
              Fetch(service: "b") {
                {
                  ... on Item {
                    __typename
                    id: _h0
                  }
                } =>
                {
                  ... on Item {
                    p
                  }
                }
              }
            },
          }
        }
        """,
    )


def test_a_query_of_introspection_alone_fetches_nothing() -> None:
    _assert_plan(_ITEMS, "{ __typename __schema { queryType { name } } }", "QueryPlan {}")
