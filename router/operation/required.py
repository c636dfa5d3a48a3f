"""Field sets as needs: what must be selected so that a representation can be built."""

from router.operation.need import Arm, Need, NeedField
from router.operation.response_keys import ResponseKeys
from router.supergraph.field_set import FieldSelection, FieldSet, FragmentSelection
from router.supergraph.model import Supergraph


def build_hidden_need(
    fields: FieldSet, type_name: str, keys: ResponseKeys, supergraph: Supergraph
) -> Need | None:
    """Give the hidden fields for a field set at the place whose response keys are `keys`.

    None if the type lacks one of the fields: such a key cannot be had from it.
    """
    info = supergraph.types[type_name]
    selected: list[NeedField] = []
    arms: list[Arm] = []
    for selection in fields:
        if isinstance(selection, FragmentSelection):
            inner = build_hidden_need(selection.selections, selection.type_condition, keys, supergraph)
            if inner is None:
                return None
            if supergraph.is_subtype(type_name, selection.type_condition):
                selected.extend(inner.fields)
                arms.extend(inner.arms)
            else:
                arms.append(Arm(selection.type_condition, inner))
            continue
        key = keys.hidden_key(selection.name, selection.arguments)
        if selection.name == "__typename":
            selected.append(NeedField(key, selection.name, hidden=True))
            continue
        field = info.fields.get(selection.name)
        if field is None:
            return None
        need = _need_below(selection, field.type.name, keys.child(key), supergraph)
        if selection.selections and need is None:
            return None
        selected.append(NeedField(key, selection.name, selection.arguments, need=need, hidden=True))
    return Need(type_name, tuple(selected), tuple(arms))


def _need_below(
    selection: FieldSelection, type_name: str, keys: ResponseKeys, supergraph: Supergraph
) -> Need | None:
    if not selection.selections:
        return None
    return build_hidden_need(selection.selections, type_name, keys, supergraph)
