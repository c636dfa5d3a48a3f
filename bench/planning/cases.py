"""Supergraphs and operations to plan."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from bench.composition.federations import Shape, build_federation
from bench.executor.shop import LINK, SUBGRAPHS
from router import compose
from router.supergraph import Supergraph
from tests.support.federation_library import LIBRARY
from tests.support.federation_plans import Federation
from tests.support.federation_queries import draw_query
from tests.support.federation_situations_all import SITUATIONS
from tests.support.random_federation import draw_federation

_SHAPE = Shape(subgraphs=100, types=50, shared=10, pool=250)
_DRAWS = 40

_REFERENCE = """
query Reference {
  users { ...U reviews { ...R product { ...P reviews { ...A } } } }
  topProducts { ...P reviews { ...A } }
}
fragment A on Review { ...R author { ...U reviews { ...R product { ...P } } } }
fragment U on User { id username name }
fragment R on Review { id body }
fragment P on Product { inStock name price shippingEstimate upc weight }
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One operation over one supergraph; `workload` is the line of the table that it counts for."""

    workload: str
    supergraph: str
    operation: str


def build_cases() -> Iterator[Case]:
    """All cases, of which peers may refuse some."""
    yield Case("reference operation", _compose({k: LINK + sdl for k, sdl in SUBGRAPHS.items()}), _REFERENCE)
    large = _compose(build_federation(_SHAPE))
    for operation in _ask_large():
        yield Case("100 subgraphs", large, operation)
    library = Federation(LIBRARY)
    for seed in range(_DRAWS):
        yield _draw("one rich federation", library, seed)
    for situation in SITUATIONS:
        asked = situation.federation.composition.supergraph_sdl or ""
        if not situation.labels and "@context" not in asked:
            yield Case("situations", asked, situation.query)
    for seed in range(_DRAWS):
        federation = Federation(draw_federation(seed))
        sdl = federation.composition.supergraph_sdl
        if sdl is not None and "@context" not in sdl:
            yield _draw("random federations", federation, seed)


def _compose(subgraphs: dict[str, str]) -> str:
    sdl = compose(subgraphs).supergraph_sdl
    assert sdl is not None
    return sdl


def _draw(workload: str, federation: Federation, seed: int) -> Case:
    random = Random(seed)  # noqa: S311 -- a reproducible draw, no secret
    sdl = federation.composition.supergraph_sdl
    assert sdl is not None
    return Case(workload, sdl, draw_query(Supergraph.read(sdl).api_schema, random).text)


def _ask_large() -> Iterator[str]:
    """Entities of which several subgraphs have fields."""
    owners: dict[int, list[int]] = {}
    for i in range(_SHAPE.subgraphs):
        for j in range(_SHAPE.shared):
            owners.setdefault((i * 7 + j) % _SHAPE.pool, []).append(i)
    for i in range(0, _SHAPE.subgraphs, 20):
        entity = (i * 7) % _SHAPE.pool
        fields = " ".join(f"name{owner}_{entity} price{owner}_{entity}" for owner in owners[entity])
        yield f"{{ entity{i} {{ id {fields} }} first{i} {{ name next {{ count shared {{ id }} }} }} }}"
