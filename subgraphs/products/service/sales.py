"""Keeping a copy of what orders knows of sales: asked for by version, taken over by version."""

import logging
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from subgraphs.common.database import Database
from subgraphs.common.graphql_types import parse_id
from subgraphs.common.internal import InternalPeer, PeerError
from subgraphs.products.repository import sales

PATH = "/internal/orders/sales"
_UNITS_MAX = 2**63 - 1

_log = logging.getLogger(__name__)


class _Sale(BaseModel):
    model_config = ConfigDict(strict=True)

    product_id: str = Field(alias="productId")
    units: int = Field(ge=0, le=_UNITS_MAX)
    version: int = Field(ge=1, le=_UNITS_MAX)


class _Answer(BaseModel):
    model_config = ConfigDict(strict=True)

    sales: list[_Sale]


@dataclass(frozen=True, slots=True)
class SalesCopy:
    """The copy in one database."""

    database: Database
    orders: InternalPeer

    async def follow(self) -> int:
        """Take over what was sold since the last time; gives how many products that concerns."""
        count = 0
        while news := await self._ask():
            async with self.database.write() as session:
                await sales.apply_sales(session, news)
            count += len(news)
        return count

    async def _ask(self) -> sales.Sales:
        async with self.database.read() as session:
            heard = await sales.find_heard_version(session)
        try:
            answer = await self.orders.post(PATH, {"after": heard})
            found = _Answer.model_validate(answer or {"sales": []}).sales
        except PeerError as error:
            _log.debug("orders does not tell what was sold: %s", error)
            return []
        except ValidationError:
            _log.exception("orders tells something else than what was sold")
            return []
        ids = [parse_id(each.product_id) for each in found]
        pairs = zip(ids, found, strict=True)
        news = [(key, each.units, each.version) for key, each in pairs if key is not None]
        return sorted((each for each in news if each[2] > heard), key=lambda each: each[2])
