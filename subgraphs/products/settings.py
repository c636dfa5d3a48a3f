"""Products' own settings, beside those that all subgraphs have."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from subgraphs.common.settings import CommonSettings, SettingsError

SIMILARITY_MIN = 0.4
"""Lets one letter be missing, wrong or exchanged with the next in a word of five or six, and little more."""


@dataclass(frozen=True, slots=True)
class ProductsSettings:
    """How products runs.

    Attributes:
        similarity_min: how alike, from 0 to 1, a name must be to what was searched for to count as a typing error.
    """

    common: CommonSettings
    similarity_min: float

    @property
    def database_parameters(self) -> dict[str, str]:
        """What each connection tells Postgres about searching."""
        return {"pg_trgm.word_similarity_threshold": str(self.similarity_min)}


def read_products_settings(
    common: CommonSettings, environ: Mapping[str, str] = os.environ
) -> ProductsSettings:
    """Read products' own settings beside `common`.

    Raises:
        SettingsError: a variable is unusable.
    """
    text = environ.get("PRODUCTS_SEARCH_SIMILARITY", str(SIMILARITY_MIN))
    try:
        similarity = float(text)
    except ValueError:
        similarity = -1.0
    if not 0 < similarity <= 1:
        raise SettingsError(
            f"PRODUCTS_SEARCH_SIMILARITY must be a number above 0 and up to 1, not {text[:40]!r}"
        )
    return ProductsSettings(common, similarity)
