"""What can be set about the response cache."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from router.kit.redis_options import RedisOptions

MEMORY_BYTES_MAX = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SubgraphCacheOptions:
    """What holds for one subgraph.

    Attributes:
        ttl_s: for answers that may be kept and do not say how long; None not to keep these.
        private_id: the key of the context under which callers are told apart; empty to keep nothing that is private.
        shared_key: who may invalidate, where that is allowed; empty for nobody.
    """

    is_enabled: bool = True
    ttl_s: float | None = None
    private_id: str = ""
    shared_key: str = field(default="", repr=False)
    is_invalidation_allowed: bool = False


@dataclass(frozen=True, slots=True)
class ResponseCacheOptions:
    """Apollo's `response_cache`, with a store in memory, which is ours.

    Attributes:
        redis: None to keep answers in this process; `subgraph_redis` are those of single subgraphs.
        is_told: whether a client may ask what the cache did.
        listen: where invalidation is asked for; None for GraphQL's own port. `path` None for nowhere.
    """

    all: SubgraphCacheOptions = SubgraphCacheOptions()
    subgraphs: Mapping[str, SubgraphCacheOptions] = field(default_factory=dict)
    memory_bytes_max: int = MEMORY_BYTES_MAX
    redis: RedisOptions | None = None
    listen: str | None = None
    path: str | None = None
    is_told: bool = False
    subgraph_redis: Mapping[str, RedisOptions] = field(default_factory=dict)

    def of_subgraph(self, subgraph: str) -> SubgraphCacheOptions:
        """What holds for `subgraph`."""
        return self.subgraphs.get(subgraph, self.all)
