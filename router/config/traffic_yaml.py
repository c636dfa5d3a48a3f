"""`traffic_shaping`: who is let in, and how subgraphs are talked to.

Ours beside Apollo's: `client_rate_limit`, `load_shedding`, `dedupe`; of subgraphs `retry`, `circuit_breaker`,
`concurrency_limit`, `proxy`.
"""

import inspect
from dataclasses import replace
from importlib import import_module

from router.config.problems import ConfigurationError
from router.config.redis_yaml import read_redis
from router.config.section import Section
from router.executor.options import Dns, Http2, SubgraphTraffic, TrafficOptions
from router.executor.traffic.breaker import BreakerOptions
from router.executor.traffic.retry import RetryOptions
from router.kit.content_encoding import ENCODINGS
from router.kit.gcra import Rate
from router.kit.json import JsonObject
from router.kit.redis_options import RedisOptions
from router.pipeline.options import REQUEST_TIMEOUT_S
from router.server.options import (
    CLIENTS_MAX,
    AdmissionOptions,
    ClientRateOptions,
    DedupeOptions,
    KeyKind,
)
from router.server.rate_limit import KeyFunction

IDENTITY = "identity"
PING = "experimental_http2_keep_alive_interval"
PERCENT = 100
STATUSES = range(100, 600)

SHARE: JsonObject = {"type": ["number", "string"]}
STATUS_LIST: JsonObject = {"type": "array", "items": {"type": "integer", "minimum": 100, "maximum": 599}}
DEDUPED_HEADERS: JsonObject = {
    "anyOf": [
        {"enum": ["all", "none"]},
        {
            "type": "object",
            "properties": {"include": {"type": "array", "items": {"type": "string"}}},
            "additionalProperties": False,
        },
    ]
}
CLIENT_KEY: JsonObject = {
    "anyOf": [
        {"const": "ip"},
        {
            "type": "object",
            "properties": {kind.value: {"type": "string"} for kind in KeyKind if kind is not KeyKind.IP},
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
        },
    ]
}


def read_traffic(section: Section) -> tuple[float, DedupeOptions, AdmissionOptions, TrafficOptions]:
    """The seconds for a whole request, whether such are shared, who is let in, and what holds for single fetches."""
    router = section.section("router")
    timeout_s = router.duration_s("timeout", REQUEST_TIMEOUT_S)
    admission = _read_admission(router)
    all_subgraphs = section.section("all")
    for_all = _read_subgraph_traffic(all_subgraphs, SubgraphTraffic())
    by_subgraph = {}
    is_each_wanted = _is_each_wanted(all_subgraphs, for_all)
    for name, each in section.sections("subgraphs").items():
        by_subgraph[name] = _read_subgraph_traffic(each, for_all)
        is_each_wanted |= _is_each_wanted(each, by_subgraph[name])
        each.finish()
    dedupe = _read_dedupe(router.section("dedupe"), is_each_wanted=is_each_wanted)
    # It has no effect in Apollo Router either: representations are always sent once.
    section.accept_ignored("deduplicate_variables")
    section.accept_unsupported("connector")
    for part in (router, all_subgraphs, section):
        part.finish()
    return timeout_s, dedupe, admission, TrafficOptions(for_all, by_subgraph)


def _is_each_wanted(section: Section, settings: SubgraphTraffic) -> bool:
    """Whether a subgraph shall be sent every request: they are counted, or it is said in so many words."""
    return settings.is_counted or ("deduplicate_query" in section and not settings.is_deduplicated)


def _read_dedupe(section: Section, *, is_each_wanted: bool) -> DedupeOptions:
    """Hive Router's `traffic_shaping.router.dedupe`: `headers` is `all`, `none`, or a mapping `include: [...]`.

    `simultaneous` is ours: on, unless each request is wanted.
    """
    value = section.raw("headers", DEDUPED_HEADERS, "all")
    headers: frozenset[str] | None = None
    if isinstance(value, dict):
        inner = section.section("headers")
        headers = frozenset(name.lower() for name in inner.texts("include"))
        inner.finish()
    elif section.choice("headers", "all", ("all", "none")) == "none":
        headers = frozenset()
    is_enabled = section.boolean("enabled", default=False)
    is_simultaneous = section.boolean("simultaneous", default=True)
    if "simultaneous" not in section and (is_each_wanted or ("enabled" in section and not is_enabled)):
        is_simultaneous = False
    section.finish()
    return DedupeOptions(is_enabled, headers, is_simultaneous)


def _read_admission(router: Section) -> AdmissionOptions:
    shedding = router.section("load_shedding")
    lag_s = shedding.duration_s("max_lag", 0.2) if "load_shedding" in router else None
    shedding.finish()
    return AdmissionOptions(
        rate=_read_rate(router, "global_rate_limit", None),
        concurrency_limit=router.optional_positive("concurrency_limit"),
        lag_s_max=lag_s,
        client_rate=_read_client_rate(router),
    )


def _read_rate(parent: Section, key: str, inherited: Rate | None) -> Rate | None:
    section = parent.section(key)
    if key not in parent:
        return inherited
    rate = _read_rate_of(section)
    section.finish()
    return rate


def _read_rate_of(section: Section) -> Rate:
    capacity, interval_s = section.optional_positive("capacity"), section.optional_duration_s("interval")
    if capacity is None:
        section.fail("capacity", "is missing")
    if not interval_s:
        section.fail("interval", "must be a time of more than nothing, such as 1s")
    return Rate(capacity or 1, interval_s or 1.0)


def _read_client_rate(router: Section) -> ClientRateOptions | None:
    section = router.section("client_rate_limit")
    if "client_rate_limit" not in router:
        return None
    kind, name = _read_key(section)
    options = ClientRateOptions(
        rate=_read_rate_of(section),
        kind=kind,
        name=name,
        trusted_proxies=section.count("trusted_proxies", 0),
        clients_max=section.positive("max_clients", CLIENTS_MAX),
        # A count says itself how long it is kept.
        redis=read_redis(section, RedisOptions(""), keeping=()),
    )
    section.finish()
    return options


def _read_key(section: Section) -> tuple[KeyKind, str]:
    value = section.raw("key", CLIENT_KEY, KeyKind.IP.value)
    if value is None or value == KeyKind.IP:
        return KeyKind.IP, ""
    kinds = [KeyKind.HEADER, KeyKind.CLAIM, KeyKind.FUNCTION]
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in kinds:
        inner = section.section("key")
        kind = KeyKind(next(iter(value)))
        name = inner.text(kind)
        if not name or (kind is KeyKind.FUNCTION and name.count(":") != 1):
            inner.fail(kind, "must be a name; that of a function is module:function")
        return kind, name.lower() if kind is KeyKind.HEADER else name
    section.fail("key", "must be ip, or one of header: NAME, claim: NAME, function: MODULE:FUNCTION")
    return KeyKind.IP, ""


def _read_subgraph_traffic(section: Section, inherited: SubgraphTraffic) -> SubgraphTraffic:
    ping_s = section.optional_duration_s(PING)
    encoding = section.choice("compression", inherited.encoding or IDENTITY, (IDENTITY, *ENCODINGS))
    return SubgraphTraffic(
        timeout_s=section.duration_s("timeout", inherited.timeout_s),
        connection_idle_s=section.duration_s("pool_idle_timeout", inherited.connection_idle_s),
        http2=Http2(section.choice("experimental_http2", inherited.http2, list(Http2))),
        http2_ping_s=inherited.http2_ping_s if ping_s is None else ping_s or None,
        http2_ping_timeout_s=section.duration_s(
            "experimental_http2_keep_alive_timeout", inherited.http2_ping_timeout_s
        ),
        is_deduplicated=section.boolean("deduplicate_query", default=inherited.is_deduplicated),
        proxy=section.text("proxy") or inherited.proxy,
        encoding=None if encoding == IDENTITY else encoding,
        dns=Dns(section.choice("dns_resolution_strategy", inherited.dns, list(Dns))),
        rate=_read_rate(section, "global_rate_limit", inherited.rate),
        concurrency_limit=section.optional_positive("concurrency_limit") or inherited.concurrency_limit,
        breaker=_read_breaker(section, inherited.breaker),
        retry=_read_retry(section, inherited.retry),
    )


def _read_breaker(parent: Section, inherited: BreakerOptions | None) -> BreakerOptions | None:
    section = parent.section("circuit_breaker")
    if "circuit_breaker" not in parent:
        return inherited
    defaults = inherited or BreakerOptions()
    codes = section.raw("error_status_codes", STATUS_LIST, sorted(defaults.error_status_codes))
    statuses = defaults.error_status_codes
    if isinstance(codes, list) and all(type(code) is int and code in STATUSES for code in codes):
        statuses = frozenset(codes)
    elif codes is not None:
        section.fail("error_status_codes", "must be a list of HTTP statuses")
    options = replace(
        defaults,
        error_threshold=_read_share(section, "error_threshold", defaults.error_threshold),
        volume_threshold=section.positive("volume_threshold", defaults.volume_threshold),
        reset_timeout_s=section.duration_s("reset_timeout", defaults.reset_timeout_s),
        half_open_attempts=section.positive("half_open_attempts", defaults.half_open_attempts),
        error_status_codes=statuses,
        is_enabled=section.boolean("enabled", default=inherited is not None and inherited.is_enabled),
    )
    section.finish()
    return options


def _read_retry(parent: Section, inherited: RetryOptions | None) -> RetryOptions | None:
    section = parent.section("retry")
    if "retry" not in parent:
        return inherited
    defaults = inherited or RetryOptions()
    options = RetryOptions(
        max_attempts=section.positive("max_attempts", defaults.max_attempts),
        min_per_sec=section.count("min_per_sec", defaults.min_per_sec),
        ttl_s=section.positive_duration_s("ttl", defaults.ttl_s),
        retry_percent=_read_share(section, "retry_percent", defaults.retry_percent),
        backoff_s=section.duration_s("initial_backoff", defaults.backoff_s),
        backoff_max_s=section.duration_s("max_backoff", defaults.backoff_max_s),
        is_enabled=section.boolean("enabled", default=defaults.is_enabled),
    )
    if section.raw("retry_mutations", {"const": False}) not in (None, False):
        section.fail(
            "retry_mutations", "must be false: a mutation that nobody has heard the end of may have run"
        )
    section.finish()
    return options


def _read_share(section: Section, key: str, default: float) -> float:
    """A share of a whole: `50%`, or 0.5."""
    value = section.raw(key, SHARE, default)
    if value is None:
        return default
    text = str(value).strip()
    try:
        share = float(text[:-1]) / PERCENT if text.endswith("%") else float(text)
    except ValueError:
        share = -1.0
    if isinstance(value, bool) or not 0 <= share <= 1:
        section.fail(key, "must be a share such as 50% or 0.5")
        return default
    return share


def load_key_function(options: AdmissionOptions) -> KeyFunction | None:
    """The function that tells clients apart; None if there is none.

    Raises:
        ConfigurationError: it cannot be imported, or is no `async def`.
    """
    limit = options.client_rate
    if limit is None or limit.kind is not KeyKind.FUNCTION:
        return None
    module, _, name = limit.name.partition(":")
    where = f"traffic_shaping.router.client_rate_limit.key.function: {limit.name}"
    try:
        function: KeyFunction = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError([f"{where} cannot be imported: {error}"]) from error
    if not inspect.iscoroutinefunction(function):
        raise ConfigurationError([f"{where} is not an async function"])
    return function
