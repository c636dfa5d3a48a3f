"""The `redis` of some section: Apollo's keys, the same everywhere."""

from collections.abc import Iterable
from importlib.util import find_spec

from router.config.problems import ConfigurationError
from router.config.section import Section
from router.kit.redis_options import RedisOptions

SCHEMES = ("redis://", "rediss://", "unix://")


def read_redis(parent: Section, defaults: RedisOptions) -> RedisOptions | None:
    """`redis` in `parent`; None if it is not there."""
    section, is_there = parent.section("redis"), "redis" in parent
    urls = section.texts("urls")
    if is_there and (len(urls) != 1 or not urls[0].startswith(SCHEMES)):
        section.fail("urls", f"must be a list of one URL that begins with {', '.join(SCHEMES)}")
    tls = section.section("tls")
    timeout_s = section.duration_s("timeout", defaults.timeout_s)
    options = RedisOptions(
        url=urls[0] if urls else "",
        namespace=section.text("namespace", defaults.namespace),
        timeout_s=section.duration_s("fetch_timeout", timeout_s),
        write_timeout_s=section.optional_duration_s("insert_timeout"),
        username=section.text("username"),
        password=section.text("password"),
        ttl_s=section.optional_duration_s("ttl"),
        is_ttl_reset=section.boolean("reset_ttl", default=defaults.is_ttl_reset),
        connections_max=section.count("pool_size", defaults.connections_max),
        is_required=section.boolean("required_to_start", default=False),
        certificate_authorities=tls.text("certificate_authorities"),
    )
    if options.ttl_s is not None and options.ttl_s < 1:
        section.fail("ttl", "must be 1s or more")
    if options.connections_max < 1:
        section.fail("pool_size", "must be 1 or more")
    if options.certificate_authorities and not options.url.startswith("rediss://"):
        tls.fail("certificate_authorities", "needs a URL that begins with rediss://")
    tls.accept_unsupported("client_authentication")
    # Its times are those of keeping; the metrics of the client itself are not ours.
    section.accept_ignored("invalidate_timeout", "maintenance_timeout", "metrics_interval")
    tls.finish()
    section.finish()
    return options if is_there else None


def check_redis(used: Iterable[tuple[str, RedisOptions | None]]) -> None:
    """Look whether each Redis, by its place in the file, can be used as far as it is required.

    Raises:
        ConfigurationError: its library is not installed, or one that is required does not answer.
    """
    problems = []
    for place, options in used:
        if options is None:
            continue
        if find_spec("redis") is None:
            problems.append(f"{place} needs the library redis: pip install 'federated-marketplace[redis]'")
        elif options.is_required:
            # The library takes long to import.
            from router.executor.redis_client import find_fault  # noqa: PLC0415

            fault = find_fault(options)
            problems += [f"{place}.required_to_start: {fault}"] if fault is not None else []
    if problems:
        raise ConfigurationError(problems)
