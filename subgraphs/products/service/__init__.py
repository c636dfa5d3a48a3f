"""What products can do: one method a use. Callers have checked the caller's scopes."""

from subgraphs.products.service.catalogue import ProductsService
from subgraphs.products.service.reviews import NewReview

__all__ = ["NewReview", "ProductsService"]
