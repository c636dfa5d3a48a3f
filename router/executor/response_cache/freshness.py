"""Whether an answer may be kept, for whom, and how long.

Spec: RFC 9111, 3 Storing Responses in Caches, 3.5 Authenticated Responses.
"""

from router.executor.headers import CREDENTIALS
from router.executor.response_cache.options import SubgraphCacheOptions
from router.executor.transport import SubgraphAnswer, SubgraphRequest
from router.kit.cache_control import CacheControl, read_cache_control

NEGOTIATED = frozenset({"accept", "accept-encoding", "content-type", "origin"})
"""Headers that are the same for every request of ours."""


def judge(
    request: SubgraphRequest,
    answer: SubgraphAnswer,
    options: SubgraphCacheOptions,
    credentials: frozenset[str] = CREDENTIALS,
) -> CacheControl | None:
    """How an answer may be kept; None for not at all.

    One without `Cache-Control` is not kept, as in Apollo Router. One to a request with credentials, headers that say who
    calls, that does not say `public` or `s-maxage` is private; nor is one kept that varies by headers of the request.
    """
    control = read_cache_control(answer.headers.get("cache-control"), answer.headers.get("age"))
    if control is None or not control.is_stored:
        return None
    seconds = control.max_age_s
    if seconds is None and options.ttl_s is not None:
        seconds = int(options.ttl_s)
    if not seconds:
        return None
    varying = {name.strip().lower() for name in answer.headers.get("vary", "").split(",")}
    if varying - NEGOTIATED - {""}:
        return None
    has_credentials = any(name in credentials for name, _ in request.headers)
    is_private = control.is_private or (has_credentials and not control.is_shared)
    return CacheControl(seconds, is_private=is_private)
