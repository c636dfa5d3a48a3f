"""What of subgraphs' errors clients see: `include_subgraph_errors`."""

from router.config.section import Section
from router.executor.options import ErrorExposure, ErrorExposureOptions


def read_error_exposure(section: Section) -> ErrorExposureOptions:
    """`include_subgraph_errors`."""
    for_all = _read_exposure(section, "all", ErrorExposure())
    by_subgraph = {}
    subgraphs = section.section("subgraphs")
    values = section.raw("subgraphs")
    for name in values if isinstance(values, dict) else ():
        by_subgraph[str(name)] = _read_exposure(subgraphs, str(name), for_all)
    subgraphs.finish()
    section.finish()
    return ErrorExposureOptions(for_all, by_subgraph)


def _read_exposure(section: Section, key: str, inherited: ErrorExposure) -> ErrorExposure:
    value = section.raw(key)
    if value is None:
        return inherited
    if isinstance(value, bool):
        return ErrorExposure(is_included=value)
    inner = section.section(key)
    allowed = frozenset(inner.texts("allow_extensions_keys")) if "allow_extensions_keys" in inner else None
    excluded = frozenset(inner.texts("exclude_global_keys"))
    if allowed is None and inherited.allowed_keys is not None:
        allowed = inherited.allowed_keys
    exposure = ErrorExposure(
        is_included=True,
        is_message_redacted=inner.boolean("redact_message", default=inherited.is_message_redacted),
        allowed_keys=None if allowed is None else allowed - excluded,
        denied_keys=frozenset(inner.texts("deny_extensions_keys")) | inherited.denied_keys - excluded,
    )
    inner.finish()
    return exposure
