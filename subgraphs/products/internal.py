"""Products' routes for the other subgraphs: signed JSON over HTTP, never through the router."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from subgraphs.common.graphql_types import parse_id
from subgraphs.products.domain import Product
from subgraphs.products.service import ProductsService

ITEMS_MAX = 1_000
ID_CHARACTERS_MAX = 64


class QuoteItem(BaseModel):
    """A product that an order wants, and how many of it."""

    model_config = ConfigDict(strict=True)

    product_id: str = Field(alias="productId", max_length=ID_CHARACTERS_MAX)
    quantity: int = Field(gt=0)


class QuoteRequest(BaseModel):
    """The lines of an order."""

    model_config = ConfigDict(strict=True)

    items: list[QuoteItem] = Field(max_length=ITEMS_MAX)


def build_router(
    service: ProductsService, check_signature: Callable[[Request], Awaitable[None]]
) -> APIRouter:
    """The routes, each behind `check_signature`."""
    router = APIRouter(prefix="/internal", dependencies=[Depends(check_signature)])

    @router.post("/products/quote")
    async def quote(body: QuoteRequest) -> dict[str, list[dict[str, Any] | None]]:
        """What each product costs now, in the order asked; null for one that cannot be ordered at all."""
        ids = [parse_id(item.product_id) for item in body.items]
        async with service.database.read() as session:
            found = await service.quote(session, {product_id for product_id in ids if product_id is not None})
        products = [None if product_id is None else found.get(product_id) for product_id in ids]
        return {"lines": [None if product is None else _line(product) for product in products]}

    return router


def _line(product: Product) -> dict[str, Any]:
    return {
        "productId": str(product.id),
        "name": product.name,
        "slug": product.slug,
        "status": product.status,
        "availability": product.availability,
        "unitPrice": {"minor": product.price.minor, "currency": product.price.currency},
        "licenseLimit": product.license_limit,
    }
