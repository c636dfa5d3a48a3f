"""`demand_control`."""

from router.config.section import Section
from router.policy.options import DemandOptions, SubgraphDemand

_MODES = ("measure", "enforce")
_COUNTED = ("by_subgraph", "by_response_shape")


def read_demand_control(section: Section) -> DemandOptions | None:
    """`demand_control`; None if it is not there or not enabled."""
    is_enabled = section.boolean("enabled", default=False)
    is_enforced = section.choice("mode", "measure", _MODES) == "enforce"
    strategy = section.section("strategy")
    static = strategy.section("static_estimated")
    if is_enabled and not ("list_size" in static and "max" in static):
        section.fail("strategy.static_estimated", "must have list_size and max")
    list_size, cost_max = static.optional_count("list_size") or 0, static.optional_number("max") or 0
    counted = static.choice("actual_cost_mode", "by_subgraph", _COUNTED)
    subgraph = static.section("subgraph")
    all_subgraphs = subgraph.section("all")
    for_all = _read_subgraph(all_subgraphs, SubgraphDemand(list_size))
    by_subgraph = {}
    for name, each in subgraph.sections("subgraphs").items():
        by_subgraph[name] = _read_subgraph(each, for_all)
        each.finish()
    for part in (all_subgraphs, subgraph, static, strategy, section):
        part.finish()
    if not is_enabled:
        return None
    return DemandOptions(is_enforced, cost_max, for_all, by_subgraph, counted == "by_subgraph")


def _read_subgraph(section: Section, inherited: SubgraphDemand) -> SubgraphDemand:
    list_size, cost_max = section.optional_count("list_size"), section.optional_number("max")
    return SubgraphDemand(
        inherited.list_size if list_size is None else list_size,
        inherited.max if cost_max is None else cost_max,
    )
