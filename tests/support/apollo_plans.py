"""Apollo's plans as ours: so that two executors can be compared on the same requests."""

from router.kit.json import JsonObject
from router.query_plan.nodes import (
    Condition,
    EntitySelection,
    Fetch,
    KeyRenamer,
    OperationKind,
    Parallel,
    PlanNode,
    PlanPath,
    QueryPlan,
    RequiredField,
    RequiredFragment,
    RequiredSelection,
    Sequence,
    ValueSetter,
)

REPRESENTATIONS = "representations"


def read_plan(written: JsonObject, kind: OperationKind) -> QueryPlan:
    """The plan of an operation of `kind` from Apollo's JSON."""
    node = written.get("node")
    return QueryPlan(kind, _read(node, ()) if node is not None else None)


def _read(node: JsonObject, path: PlanPath) -> PlanNode:
    match node["kind"]:
        case "Flatten":
            return _read(node["node"], (*path, *node["path"]))
        case "Sequence":
            return Sequence(tuple(_read(inner, path) for inner in node["nodes"]))
        case "Parallel":
            return Parallel(tuple(_read(inner, path) for inner in node["nodes"]))
        case "Condition":
            if_node, else_node = node.get("ifClause"), node.get("elseClause")
            return Condition(
                node["condition"],
                _read(if_node, path) if if_node is not None else None,
                _read(else_node, path) if else_node is not None else None,
            )
        case "Fetch":
            return _read_fetch(node, path)
        case kind:
            raise AssertionError(f"a plan with {kind}")


def _read_fetch(node: JsonObject, path: PlanPath) -> Fetch:
    renamers = tuple(
        KeyRenamer(tuple(each["path"]), each["renameKeyTo"]) for each in node.get("outputRewrites") or ()
    )
    setters = tuple(
        ValueSetter(tuple(each["path"]), each["setValueTo"]) for each in node.get("inputRewrites") or ()
    )
    requires = tuple(_read_required(each) for each in node.get("requires") or ())
    entities: tuple[EntitySelection, ...] = ()
    if requires:
        fragments = tuple(each for each in requires if isinstance(each, RequiredFragment))
        assert len(fragments) == len(requires)
        entities = (EntitySelection("_entities", REPRESENTATIONS, (path,), fragments, setters, renamers),)
    return Fetch(
        node["serviceName"],
        OperationKind(node["operationKind"]),
        node["operation"],
        node.get("operationName"),
        tuple(node.get("variableUsages") or ()),
        path=() if requires else path,
        entities=entities,
        output_rewrites=() if requires else renamers,
    )


def _read_required(selection: JsonObject) -> RequiredSelection:
    inner = tuple(_read_required(each) for each in selection.get("selections") or ())
    if selection["kind"] == "Field":
        key = selection.get("alias") or selection["name"]
        return RequiredField(key, key, inner)
    return RequiredFragment(selection["typeCondition"], inner)
