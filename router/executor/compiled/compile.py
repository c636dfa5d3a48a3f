"""From a plan to a program: the recipe of this room."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TypeAlias

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)
from msgspec import Struct
from msgspec.json import Encoder

from router.errors import ResponsePath
from router.executor.compiled.absorb import write_absorb_entities, write_absorb_root
from router.executor.compiled.code import Code
from router.executor.compiled.finish import is_added, write_finish, write_settle
from router.executor.compiled.layouts import find_layout
from router.executor.compiled.places import Kind, Places, UncompilableError
from router.executor.compiled.program import EntityStep, Program, RootStep, Run, Serial, Simultaneous, Step
from router.executor.compiled.representations import Collection, write_collect
from router.executor.compiled.trace import build_way
from router.executor.compiled.types import Structs
from router.executor.compiled.unusual import UnusualError
from router.executor.compiled.walk import find_walk
from router.executor.interpret.locate import ErrorLocator
from router.executor.interpret.typenames import Typenames
from router.executor.introspection import find_introspection_nodes
from router.executor.size import NULL, measure_entry
from router.kit.json import JsonObject, write_json
from router.operation.fragments import read_fragments
from router.operation.shape import ObjectShape
from router.query_plan.nodes import Condition, EntitySelection, Fetch, Parallel, PlanNode, QueryPlan, Sequence

KIND_BYTES, KEY_BYTES, LINE_BYTES = 5_000, 1_000, 400
"""What the types of a kind of object, a key and a line of code take of memory, by measuring programs of 17 to 270 KB."""


def compile_plan(plan: QueryPlan, shape: ObjectShape, typenames: Typenames) -> Program:
    """The program for `plan` where the client asks for `shape`, conditions settled as in the shape.

    Raises:
        UncompilableError: the plan needs the interpreter.
    """
    if plan.node is None or find_introspection_nodes(shape):
        msg = "not all of it is fetched"
        raise UncompilableError(msg)
    compiler = _Compiler(Places(shape, typenames), shape)
    order = compiler.read(plan.node)
    structs = Structs(compiler.places)
    step = compiler.write(order, structs)
    if step is None:
        msg = "nothing is fetched"
        raise UncompilableError(msg)
    root, code = compiler.places.root, compiler.code
    name = write_finish("finish", root, structs, code)

    @lru_cache(maxsize=1)
    def settle() -> Callable[[Struct, ResponsePath, Run], None]:
        settling = Code()
        try:
            return settling.load(write_settle("settle", root, structs, settling))
        except UncompilableError:
            return _give_up

    new_root = structs.decoded[compiler.places.root_kind]
    finish = code.load(name)
    kinds = compiler.places.kinds
    held = len(kinds) * KIND_BYTES + sum(len(kind.keys) for kind in kinds) * KEY_BYTES
    held += code.lines_added * LINE_BYTES
    keys_bytes, is_adding = _measure_keys(compiler.places)
    return Program(
        step,
        ErrorLocator(shape),
        new_root,
        finish,
        settle,
        keys_bytes,
        is_adding,
        has_twins=len(set(compiler.heads)) < len(compiler.heads),
        bytes_held=held,
    )


def _give_up(*_: object) -> None:
    raise UnusualError


def _measure_keys(places: Places) -> tuple[int, bool]:
    """The bytes of the client's keys at all places, each with a value that nobody has brought, and whether there will be such.

    Of the root there is only one.
    """
    shown = [(kind, key) for kind in places.kinds for key in kind.keys.values() if key.entry is not None]
    keys_bytes = sum(
        measure_entry(key.name, kind.typename if key.is_typename else NULL) for kind, key in shown
    )
    return keys_bytes, any(kind.place is not places.root and is_added(kind, key) for kind, key in shown)


@dataclass(slots=True, eq=False)
class _Selection:
    """What is known of one entity selection before there are structs."""

    selection: EntitySelection
    kinds: tuple[Kind, ...]
    collection: Collection


@dataclass(slots=True, eq=False)
class _ReadFetch:
    """A fetch whose selections have been entered in the places."""

    fetch: Fetch
    source: int
    selections: list[_Selection] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class _Order:
    """Reads one after the other, or at the same time."""

    is_parallel: bool
    items: "list[_Read]"


_Read: TypeAlias = _ReadFetch | _Order


class _Compiler:
    def __init__(self, places: Places, shape: ObjectShape) -> None:
        self.places = places
        self.code = Code()
        # Of fetches of entities, with their subgraphs.
        self.heads: list[tuple[str, bytes]] = []
        self.code.namespace["encode"] = Encoder().encode
        self._variables = shape.operation.variables
        self._sources = 0
        self._collections: list[Collection] = []
        self._fetches: set[int] = set()

    def read(self, node: PlanNode) -> _Read:
        """Enter what all fetches bring, in the order in which they run."""
        match node:
            case Fetch():
                return self._read_fetch(node)
            case Sequence() | Parallel():
                items = [self.read(inner) for inner in node.nodes]
                return _Order(isinstance(node, Parallel), items)
            case Condition():
                is_true = self._variables.get(node.variable) is True
                chosen = node.if_node if is_true else node.else_node
                return self.read(chosen) if chosen is not None else _Order(False, [])
            case _:
                msg = "a subscription"
                raise UncompilableError(msg)

    def _read_fetch(self, fetch: Fetch) -> _ReadFetch:
        if id(fetch) in self._fetches:
            msg = "one fetch stands in the plan twice"
            raise UncompilableError(msg)
        self._fetches.add(id(fetch))
        operation, fragments = _parse(fetch)
        if not fetch.entities:
            if fetch.path or fetch.output_rewrites:
                msg = "a root fetch that is rewritten, or not merged at the root"
                raise UncompilableError(msg)
            read = _ReadFetch(fetch, self._next_source())
            self.places.bring([self.places.root_kind], [operation.selection_set], read.source, fragments)
            return read
        read = _ReadFetch(fetch, 0)
        for selection in fetch.entities:
            if selection.contexts or selection.output_rewrites:
                msg = "entities under contexts, or rewritten"
                raise UncompilableError(msg)
            is_wanted = selection.is_wanted(self._variables)
            wanted = selection if is_wanted else replace(selection, paths=())
            read.selections.append(self._read_selection(wanted, operation, fragments))
        return read

    def _read_selection(
        self,
        selection: EntitySelection,
        operation: OperationDefinitionNode,
        fragments: dict[str, FragmentDefinitionNode],
    ) -> _Selection:
        typenames = self.places.typenames
        walks = [find_walk(self.places, path) for path in selection.paths]
        kinds = tuple(dict.fromkeys(kind for walk in walks for kind in walk.kinds))
        layouts = {kind: find_layout(kind, selection, typenames) for kind in kinds}
        source = self._next_source()
        self.places.bring(kinds, [_find_entities(operation, selection)], source, fragments)
        return _Selection(selection, kinds, Collection(source, walks, layouts))

    def _next_source(self) -> int:
        self._sources += 1
        return self._sources

    def write(self, read: _Read, structs: Structs) -> Step | None:
        """The steps, with the functions that they need."""
        if isinstance(read, _ReadFetch):
            return self._write_entities(read, structs) if read.selections else self._write_root(read, structs)
        steps = tuple(step for item in read.items if (step := self.write(item, structs)) is not None)
        if len(steps) < 2:  # noqa: PLR2004 - an order of one is that one
            return steps[0] if steps else None
        return Simultaneous(steps) if read.is_parallel else Serial(steps)

    def _write_root(self, read: _ReadFetch, structs: Structs) -> RootStep:
        name = f"absorb_{read.source}"
        decode = write_absorb_root(name, read.source, self.places.root_kind, structs, self.code)
        return RootStep(read.fetch, _write_head(read.fetch), decode, self.code.load(name))

    def _write_entities(self, read: _ReadFetch, structs: Structs) -> EntityStep:
        collect = []
        ways = []
        for i, each in enumerate(read.selections):
            earlier = next((known for known in self._collections if each.collection.can_reuse(known)), None)
            function = write_collect(each.collection, earlier, structs, self.code)
            variable = write_json(each.selection.representations_variable) + b":"
            collect.append((function, b"," + variable if i else variable))
            ways.append(tuple(dict.fromkeys(build_way(walk) for walk in each.collection.walks if walk.kinds)))
        self._collections += (each.collection for each in read.selections)
        name = f"absorb_{read.selections[0].collection.source}"
        answers = [
            (each.selection.response_key, each.collection.source, each.kinds) for each in read.selections
        ]
        decode = write_absorb_entities(name, answers, structs, self.code)
        head = _write_head(read.fetch)
        self.heads.append((read.fetch.subgraph, head))
        return EntityStep(
            read.fetch,
            head,
            tuple(collect),
            tuple(ways),
            decode,
            self.code.load(name),
        )


def _parse(fetch: Fetch) -> tuple[OperationDefinitionNode, dict[str, FragmentDefinitionNode]]:
    document = parse(fetch.operation, no_location=True)
    fragments = read_fragments(document)
    (operation,) = (each for each in document.definitions if isinstance(each, OperationDefinitionNode))
    return operation, fragments


def _find_entities(operation: OperationDefinitionNode, selection: EntitySelection) -> SelectionSetNode:
    (node,) = (
        each
        for each in operation.selection_set.selections
        if isinstance(each, FieldNode) and (each.alias or each.name).value == selection.response_key
    )
    assert node.selection_set is not None
    return node.selection_set


def _write_head(fetch: Fetch) -> bytes:
    body: JsonObject = {"query": fetch.operation}
    if fetch.operation_name is not None:
        body["operationName"] = fetch.operation_name
    return write_json(body)[:-1]
