"""What products says of the things that somebody wants to order: never the client's word for a price."""

from collections.abc import Sequence

from subgraphs.common.errors import ObjectNotFoundError, UnavailableError
from subgraphs.common.internal import InternalPeer, PeerError
from subgraphs.common.money import Money
from subgraphs.orders.domain import Item, OutOfStockError, PricedItem

UNKNOWN = "There is no such product, or it is not for sale."


async def quote(products: InternalPeer, items: Sequence[Item]) -> list[PricedItem]:
    """Each wanted item with its name and price of now.

    Raises:
        ObjectNotFoundError: a product does not exist, or is not for sale.
        OutOfStockError: it cannot be had now.
        UnavailableError: products does not answer.
    """
    wanted = [{"productId": str(item.product_id), "quantity": item.quantity} for item in items]
    try:
        answer = await products.post("/internal/products/quote", {"items": wanted})
    except PeerError as error:
        raise UnavailableError("Prices cannot be asked for just now. Try again soon.") from error
    lines = answer["lines"] if answer is not None else [None] * len(items)
    priced = []
    for item, line in zip(items, lines, strict=True):
        if line is None or line["status"] != "PUBLISHED":
            raise ObjectNotFoundError(UNKNOWN, ("input", "items", str(item.position), "productId"))
        if line["availability"] != "AVAILABLE":
            raise OutOfStockError(item.product_id, item.position)
        price = Money(line["unitPrice"]["minor"], line["unitPrice"]["currency"])
        limit = line.get("licenseLimit")
        priced.append(PricedItem(item.product_id, item.quantity, line["name"], price, item.position, limit))
    return priced
