"""Paths with places."""

import pytest

from router.kit.path_pattern import PathPattern


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("/graphql", "/graphql", True),
        ("/graphql", "/graphql/", False),
        ("/{tenant}/graphql", "/a/graphql", True),
        ("/{tenant}/graphql", "//graphql", False),
        ("/{tenant}/graphql", "/a/b/graphql", False),
        ("/api/{*rest}", "/api/a", True),
        ("/api/{*rest}", "/api/a/b/c", True),
        ("/api/{*rest}", "/api/", False),
        ("/api/{*rest}", "/api", False),
        ("/api/{*rest}", "/apix/a", False),
        ("/{*rest}", "/a/b", True),
    ],
)
def test_a_place_is_a_segment_or_all_that_follow(pattern, path, matches):
    assert PathPattern(pattern).matches(path) is matches


@pytest.mark.parametrize("text", ["graphql", "/a{b}", "/{}", "/{*}", "/{*a}/b", "/*", "/:a", "/{a", "/{a b}"])
def test_what_is_no_path_is_refused(text):
    with pytest.raises(ValueError, match="must"):
        PathPattern(text)
