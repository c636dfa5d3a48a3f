"""Strawberry alone: an entity type of the same fields over a dictionary, as its documentation builds one."""

from typing import Any

import strawberry
from fastapi import FastAPI
from strawberry import federation
from strawberry.fastapi import GraphQLRouter


@strawberry.type
class Money:
    """A price."""

    amount: str
    currency: str


@federation.type(keys=["id"])
class Product:
    """A product."""

    id: strawberry.ID
    slug: str
    name: str
    price: Money

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> "Product":  # noqa: A002
        """The product of a representation."""
        return PRODUCTS[id]


PRODUCTS: dict[str, Product] = {}


@strawberry.type
class Query:
    """The entry that a schema has to have."""

    @strawberry.field
    def product(self, id: strawberry.ID) -> Product | None:  # noqa: A002
        """One product."""
        return PRODUCTS.get(id)


def build_app(products: list[dict[str, Any]]) -> FastAPI:
    """The subgraph over these products."""
    for each in products:
        price = Money(**each["price"])
        fields = {name: each[name] for name in ("id", "slug", "name")}
        PRODUCTS[each["id"]] = Product(**fields, price=price)
    app = FastAPI()
    schema = federation.Schema(query=Query, types=[Product], federation_version="2.9")
    app.include_router(GraphQLRouter[Any, None](schema), prefix="/graphql")
    return app
