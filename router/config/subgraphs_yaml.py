"""What is set for all subgraphs or single ones: switches, and what clients see of errors (`include_subgraph_errors`)."""

from router.config.section import Section
from router.executor.options import ErrorExposure, ErrorExposureOptions, SubgraphSwitch


def read_switch(section: Section) -> SubgraphSwitch:
    """`all.enabled`, and the same for single subgraphs."""
    for_all = section.section("all")
    is_for_all = for_all.boolean("enabled", default=False)
    by_subgraph = {}
    for name, each in section.sections("subgraphs").items():
        by_subgraph[name] = each.boolean("enabled", default=is_for_all)
        each.finish()
    for_all.finish()
    section.finish()
    return SubgraphSwitch(is_for_all, by_subgraph)


def read_error_exposure(section: Section) -> ErrorExposureOptions:
    """`include_subgraph_errors`."""
    has_error_id = section.boolean("error_id", default=False)
    for_all = _read_exposure(section, "all", ErrorExposure())
    by_subgraph = {}
    subgraphs = section.section("subgraphs")
    for name in section.names("subgraphs"):
        by_subgraph[name] = _read_exposure(subgraphs, name, for_all)
    subgraphs.finish()
    section.finish()
    return ErrorExposureOptions(for_all, by_subgraph, has_error_id)


def _read_exposure(section: Section, key: str, inherited: ErrorExposure) -> ErrorExposure:
    """What holds for all, or for one subgraph: then the lists go on from those for all, but for what it excludes."""
    inner = section.switch(key)
    if inner is None:
        return inherited
    if isinstance(inner, bool):
        return ErrorExposure(is_included=inner)
    has_allowed, has_denied = "allow_extensions_keys" in inner, "deny_extensions_keys" in inner
    allowed = frozenset(inner.texts("allow_extensions_keys"))
    denied = frozenset(inner.texts("deny_extensions_keys"))
    excluded = frozenset(inner.texts("exclude_global_keys"))
    is_redacted = inner.boolean("redact_message", default=inherited.is_message_redacted)
    if has_allowed and has_denied:
        inner.fail("allow_extensions_keys", "cannot go with deny_extensions_keys")
    inner.finish()
    all_allowed = None if inherited.allowed_keys is None else inherited.allowed_keys - excluded
    if has_allowed:
        all_allowed = (all_allowed or frozenset()) | allowed
    # What a subgraph allows by name is shown although it is denied for all.
    all_denied = (inherited.denied_keys - excluded - allowed) | denied
    return ErrorExposure(
        is_included=True, is_message_redacted=is_redacted, allowed_keys=all_allowed, denied_keys=all_denied
    )
