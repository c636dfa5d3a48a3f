import pytest

from router.kit.did_you_mean import suggest
from router.kit.lru import LruCache


def test_the_entry_used_least_recently_goes_first():
    cache = LruCache(2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.find("a") == 1
    cache.put("c", 3)
    assert (cache.find("a"), cache.find("b"), cache.find("c"), len(cache)) == (1, None, 3, 2)


def test_a_cache_without_room_is_a_mistake():
    with pytest.raises(ValueError, match="room"):
        LruCache(0)


def test_only_near_names_are_suggested():
    assert suggest("suprgraph", ["supergraph", "headers"]) == ' Did you mean "supergraph"?'
    assert suggest("zzz", ["supergraph"]) == ""


def test_heavy_entries_leave_room_for_fewer():
    cache = LruCache(10, 6, lambda key, value: len(key) + value)
    for key in ("a", "b", "c"):
        cache.put(key, 1)
    cache.put("b", 3)
    assert ("a" in cache, cache.find("c"), cache.find("b")) == (False, 1, 3)
    cache.put("d", 4)
    assert [key for key in "abcd" if key in cache] == ["d"]
    cache.put("e", 9)
    assert len(cache) == 0, "it weighs more than all may"
    cache.put("f", 5)
    assert "f" in cache
