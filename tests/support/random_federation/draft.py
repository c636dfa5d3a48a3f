"""A federation while it is drawn: subgraphs as records that are written as SDL in the end."""

from dataclasses import dataclass, field
from random import Random


@dataclass
class DraftField:
    """A field of a type in one subgraph; `arguments` with their parentheses."""

    type: str
    arguments: str = ""
    directives: list[str] = field(default_factory=list)

    @property
    def is_own(self) -> bool:
        """Whether the subgraph resolves it, with nothing else needed."""
        return not any(each.startswith(("@external", "@requires")) for each in self.directives)

    def write(self, name: str) -> str:
        """The field as SDL."""
        return " ".join((f"{name}{self.arguments}: {self.type}", *self.directives))


@dataclass
class DraftType:
    """A type in one subgraph."""

    kind: str = "type"
    keys: list[str] = field(default_factory=list)
    directives: list[str] = field(default_factory=list)
    interfaces: list[str] = field(default_factory=list)
    fields: dict[str, DraftField] = field(default_factory=dict)
    members: list[str] = field(default_factory=list)

    def write(self, name: str) -> str:
        """The type as SDL."""
        implements = f" implements {' & '.join(self.interfaces)}" if self.interfaces else ""
        directives = "".join(f" {each}" for each in (*self.directives, *self.keys))
        if self.kind == "union":
            return f"union {name}{directives} = {' | '.join(self.members)}"
        body = "\n".join(f"  {each.write(key)}" for key, each in self.fields.items())
        return f"{self.kind} {name}{implements}{directives} {{\n{body}\n}}"


@dataclass
class DraftGraph:
    """A subgraph."""

    types: dict[str, DraftType] = field(default_factory=dict)

    def type(self, name: str, kind: str = "type") -> DraftType:
        """The type of a name, made if it is not there."""
        return self.types.setdefault(name, DraftType(kind))

    def write(self) -> str:
        """The subgraph as SDL, without links."""
        kept = {name: each for name, each in self.types.items() if each.fields or each.members}
        return "\n".join(each.write(name) for name, each in kept.items())


@dataclass
class Draft:
    """All subgraphs, and what they have in common.

    Attributes:
        homes: the subgraphs that have each entity.
        leaves: the leaf fields of each entity as they are everywhere: type and arguments.
    """

    random: Random
    graphs: dict[str, DraftGraph]
    homes: dict[str, list[str]] = field(default_factory=dict)
    leaves: dict[str, dict[str, DraftField]] = field(default_factory=dict)

    def chance(self, probability: float) -> bool:
        """Throw a loaded coin."""
        return self.random.random() < probability

    def some(self, names: list[str]) -> list[str]:
        """Draw one or more of the names, in order."""
        return sorted(self.random.sample(names, self.random.randint(1, len(names))))

    def entity(self, graph: str, name: str) -> DraftType:
        """An entity in one subgraph."""
        return self.graphs[graph].types[name]

    def entities_of(self, graph: str) -> list[str]:
        """The entities that a subgraph has."""
        return [name for name, homes in self.homes.items() if graph in homes]

    def owners(self, name: str, leaf: str) -> list[str]:
        """The subgraphs that resolve a field of an entity by themselves."""
        return [
            home
            for home in self.homes[name]
            if leaf in self.entity(home, name).fields and self.entity(home, name).fields[leaf].is_own
        ]

    def wrap(self, type_name: str) -> str:
        """A type, or a list of it."""
        form = self.random.choice(("{}", "{}", "{}!", "[{}!]!", "[{}]", "[[{}!]!]"))
        return form.format(type_name)
