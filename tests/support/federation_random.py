"""Random federations: entities spread over subgraphs, with all that makes planning hard.

Fields are owned by one subgraph, taken over from another or shared by several, entities are known by one or two keys (not every
subgraph knows both), values without key are split over subgraphs, fields require others and paths provide some.
Not every draw composes; the caller drops those.
"""

from dataclasses import dataclass, field
from random import Random

_LEAVES = 4


@dataclass
class _Subgraph:
    keys: dict[str, list[str]] = field(default_factory=dict)
    fields: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, type_name: str, name: str, text: str) -> None:
        self.fields.setdefault(type_name, {}).setdefault(name, text)

    def write(self, interface: list[str]) -> str:
        parts = []
        for type_name, fields in self.fields.items():
            keys = "".join(f' @key(fields: "{key}")' for key in self.keys.get(type_name, ()))
            implements = " implements Node" if type_name in interface else ""
            body = " ".join(f"{name}{text}" for name, text in fields.items())
            parts.append(f"type {type_name}{implements}{keys} {{ {body} }}")
        if interface:
            parts.append("interface Node { id: ID! }")
        return "\n".join(parts)


class _Draw:
    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - a reproducible draw, no secret
        self.graphs = {f"g{n}": _Subgraph() for n in range(self.random.randint(2, 4))}
        self.entities = [f"E{n}" for n in range(self.random.randint(1, 3))]
        self.homes: dict[str, list[str]] = {}

    def run(self) -> dict[str, str]:
        for name in self.entities:
            self._spread_entity(name)
        self._spread_value()
        for name in self.entities:
            self._link_entities(name)
            self._require(name)
            self._override(name)
        self._add_roots()
        interface = self.entities if self.random.random() < 0.5 else []
        written = {}
        for name, graph in self.graphs.items():
            here = [entity for entity in interface if entity in graph.fields]
            roots = graph.fields.setdefault("Query", {})
            if here and self._chance(0.6):
                roots[f"nodes_{name}"] = ": [Node!]!"
            if not roots:
                del graph.fields["Query"]
            written[name] = graph.write(here)
        return written

    def _chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def _some(self, names: list[str]) -> list[str]:
        return sorted(self.random.sample(names, self.random.randint(1, len(names))))

    def _spread_entity(self, name: str) -> None:
        homes = self._some(list(self.graphs))
        self.homes[name] = homes
        has_code = self._chance(0.4)
        for home in homes:
            graph = self.graphs[home]
            keys = ["id"]
            if has_code:
                keys = self.random.choice((["id"], ["code"], ["id", "code"], ["id", "code"]))
            graph.keys[name] = keys
            graph.fields[name] = {"id": ": ID!"} if "id" in keys else {}
            if "code" in keys:
                graph.add(name, "code", ": ID!")
            if "id" not in keys and self._chance(0.5):
                graph.add(name, "id", ": ID! @shareable")
        for number in range(_LEAVES):
            owners = self._some(homes) if self._chance(0.4) else [self.random.choice(homes)]
            shared = " @shareable" if len(owners) > 1 else ""
            for owner in owners:
                self.graphs[owner].add(name, f"f{number}", f": Int{shared}")

    def _spread_value(self) -> None:
        entity = self.random.choice(self.entities)
        owners = self._some(self.homes[entity])
        shared = " @shareable" if len(owners) > 1 else ""
        for owner in owners:
            graph = self.graphs[owner]
            graph.add(entity, "value", f": Value{shared}")
            for leaf in self._some(["a", "b", "c"]):
                graph.add("Value", leaf, ": Int @shareable")
            if self._chance(0.5):
                target = self.random.choice([e for e in self.entities if owner in self.homes[e]])
                graph.add("Value", "of", f": {target} @shareable")

    def _link_entities(self, name: str) -> None:
        for number in range(self.random.randint(0, 2)):
            owner = self.random.choice(self.homes[name])
            graph = self.graphs[owner]
            target = self.random.choice([e for e in self.entities if owner in self.homes[e]])
            is_list = self._chance(0.4)
            text = f": [{target}!]!" if is_list else f": {target}"
            leaf = self._external_leaf(owner, target)
            if leaf is not None and self._chance(0.5):
                graph.add(target, leaf, ": Int @external")
                text += f' @provides(fields: "{leaf}")'
                self._share(target, leaf)
            graph.add(name, f"link{number}_{owner}", text)

    def _external_leaf(self, owner: str, target: str) -> str | None:
        names = [f"f{n}" for n in range(_LEAVES) if f"f{n}" not in self.graphs[owner].fields[target]]
        return self.random.choice(names) if names else None

    def _share(self, type_name: str, leaf: str) -> None:
        for home in self.homes[type_name]:
            fields = self.graphs[home].fields[type_name]
            if fields.get(leaf) == ": Int":
                fields[leaf] = ": Int @shareable"

    def _require(self, name: str) -> None:
        for number in range(self.random.randint(0, 2)):
            owner = self.random.choice(self.homes[name])
            leaf = self._external_leaf(owner, name)
            if leaf is None:
                continue
            graph = self.graphs[owner]
            graph.add(name, leaf, ": Int @external")
            graph.add(name, f"r{number}_{owner}", f': Int @requires(fields: "{leaf}")')

    def _override(self, name: str) -> None:
        for number in range(_LEAVES):
            leaf = f"f{number}"
            owners = [home for home in self.homes[name] if leaf in self.graphs[home].fields[name]]
            others = [home for home in self.homes[name] if leaf not in self.graphs[home].fields[name]]
            if len(owners) == 1 and others and self._chance(0.2):
                taker = self.random.choice(others)
                self.graphs[taker].add(name, leaf, f': Int @override(from: "{owners[0]}")')

    def _add_roots(self) -> None:
        for name in self.entities:
            for home in self._some(self.homes[name]):
                text = f": [{name}!]!" if self._chance(0.4) else f": {name}"
                self.graphs[home].add("Query", f"{name.lower()}_{home}", text)
        shared = self.random.choice(self.entities)
        if self._chance(0.5):
            for home in self.homes[shared]:
                self.graphs[home].add("Query", "shared", f": {shared} @shareable")


def draw_federation(seed: int) -> dict[str, str]:
    """Give the subgraphs of one random federation."""
    return {name: sdl for name, sdl in _Draw(seed).run().items() if sdl}
