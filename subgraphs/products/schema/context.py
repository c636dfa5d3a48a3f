"""What products' resolvers get with each request."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

from strawberry.types import Info

from subgraphs.common.auth import Principal
from subgraphs.common.database import WriteSession
from subgraphs.common.web import RequestContext
from subgraphs.products.domain.reviews import Review, ReviewStatus
from subgraphs.products.schema.loaders import build_loaders
from subgraphs.products.service import ProductsService

WRITE_SCOPE = "catalog:write"


class ProductsContext(RequestContext):
    """The caller, the service, and the request's loaders."""

    def __init__(self, service: ProductsService, principal: Principal | None) -> None:
        """Take what this request has."""
        super().__init__(service.database, principal)
        self.service = service
        self.loaders = build_loaders(service, self.read)

    @property
    def writes_catalogue(self) -> bool:
        """Whether the caller may change the catalogue, and so sees drafts and what things cost."""
        return self.principal is not None and WRITE_SCOPE in self.principal.scopes

    def may_see_review(self, review: Review) -> bool:
        """Whether the review is published, the caller's own, or the caller may moderate."""
        is_own = self.principal is not None and self.principal.user_id == review.author_id
        return review.status is ReviewStatus.PUBLISHED or is_own or self.writes_catalogue

    def forget(self) -> None:
        """After a change: what was loaded before it is loaded anew."""
        self.loaders = build_loaders(self.service, self.read)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteSession]:
        """The one transaction of a mutation field; what was loaded before it is loaded anew after it."""
        async with super().write() as session:
            yield session
        self.forget()


ProductsInfo: TypeAlias = Info[ProductsContext, None]
