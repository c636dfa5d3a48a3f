"""Which objects a key leads to, for `Query.product`, `Query.category` and `_entities` alike.

Whatever a representation holds, however wrong, names either an object that the caller may see or nothing.
"""

from subgraphs.common.graphql_types import parse_id
from subgraphs.products.domain import SLUG_CHARACTERS_MAX, Category, Product, is_visible
from subgraphs.products.schema.context import ProductsContext
from subgraphs.products.schema.loaders import ProductKey


async def find_product(context: ProductsContext, product_id: object, slug: object) -> Product | None:
    """The product with the id, or else with the slug, if the caller may see it."""
    by_id = product_id is not None
    key: ProductKey | None = parse_id(product_id) if by_id else _parse_slug(slug)
    product = None if key is None else await context.loaders.products.load(key)
    if product is None or not is_visible(product, by_id=by_id, sees_all=context.writes_catalogue):
        return None
    return product


async def find_category(context: ProductsContext, category_id: object) -> Category | None:
    """The category with the id."""
    key = parse_id(category_id)
    return None if key is None else await context.loaders.categories.load(key)


def _parse_slug(slug: object) -> str | None:
    # An over-long text is none of ours, and need not travel to Postgres.
    return slug if isinstance(slug, str) and len(slug) <= SLUG_CHARACTERS_MAX and "\0" not in slug else None
