"""The recipe: draw entities, spread them over subgraphs, and make it hard.

Not every draw composes; the caller drops those that do not.
"""

from random import Random

from tests.support.random_federation.abstract import (
    add_abstract_links,
    add_abstract_provisions,
    add_abstract_requirements,
    add_interface,
    add_interface_object,
    add_union,
)
from tests.support.random_federation.directives import (
    add_context,
    add_inaccessible,
    add_overrides,
    add_requirements,
)
from tests.support.random_federation.draft import Draft, DraftField, DraftGraph
from tests.support.random_federation.entities import add_entities, add_links, add_values


def draw_federation(seed: int) -> dict[str, str]:
    """Give the subgraphs of one random federation, without links."""
    random = Random(seed)  # noqa: S311 -- a reproducible draw, no secret
    draft = Draft(random, {f"g{number}": DraftGraph() for number in range(random.randint(2, 4))})
    add_entities(draft, random.randint(1, 4))
    steps = {
        add_values: 0.7,
        add_links: 1.0,
        add_requirements: 0.8,
        add_overrides: 0.8,
        add_interface: 0.5,
        add_union: 0.4,
        add_abstract_links: 1.0,
        add_abstract_provisions: 0.5,
        add_abstract_requirements: 0.5,
        add_interface_object: 0.3,
        add_context: 0.15,
        add_inaccessible: 0.3,
    }
    for step, probability in steps.items():
        if draft.chance(probability):
            step(draft)
    _add_roots(draft)
    return {name: sdl for name, graph in draft.graphs.items() if (sdl := graph.write())}


def _add_roots(draft: Draft) -> None:
    for name, homes in draft.homes.items():
        for home in draft.some(homes):
            draft.graphs[home].type("Query").fields[f"{name.lower()}{home}"] = DraftField(draft.wrap(name))
        if draft.chance(0.3):
            for home in homes:
                draft.graphs[home].type("Query").fields[f"all{name}"] = DraftField(
                    f"[{name}]", "", ["@shareable"]
                )
        if draft.chance(0.3):
            home = draft.random.choice(homes)
            draft.graphs[home].type("Mutation").fields[f"make{name}"] = DraftField(name, "(n: Int)")
    for key, graph in draft.graphs.items():
        for abstract in ("Node", "Any1"):
            if abstract in graph.types and draft.chance(0.6):
                graph.type("Query").fields[f"{abstract.lower()}{key}"] = DraftField(draft.wrap(abstract))
