"""A supergraph may call the specs that it links whatever it likes."""

from graphql import print_schema

from router.supergraph import Supergraph
from tests.support.federation_library import LIBRARY
from tests.support.federation_plans import Federation

_SDL = Federation(LIBRARY).composition.supergraph_sdl or ""
_JOIN, _LINK = "https://specs.apollo.dev/join/v0.", "https://specs.apollo.dev/link/v1.0"


def rename(sdl: str) -> str:
    """The supergraph with other names for the join and the link spec."""
    version = sdl[sdl.index(_JOIN) + len(_JOIN)]
    sdl = sdl.replace(f'"{_JOIN}{version}"', f'"{_JOIN}{version}", as: "j"').replace("join__", "j__")
    sdl = sdl.replace(f'"{_LINK}"', f'"{_LINK}", as: "l"').replace("@link(", "@l(")
    return sdl.replace("link__", "l__")


def test_other_names_make_no_difference() -> None:
    plain, renamed = Supergraph.read(_SDL), Supergraph.read(rename(_SDL))

    assert "@j__type" in renamed.sdl
    assert "@join__type" not in renamed.sdl
    assert renamed.types == plain.types
    assert renamed.subgraphs == plain.subgraphs
    assert print_schema(renamed.api_schema) == print_schema(plain.api_schema)
