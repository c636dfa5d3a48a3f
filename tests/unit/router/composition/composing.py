"""Subgraphs as short SDL: the link to federation is written once, here."""

from router.composition import Composition, SubgraphSource, compose

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@provides",'
    ' "@external", "@tag", "@extends", "@shareable", "@inaccessible", "@override", "@composeDirective",'
    ' "@interfaceObject", "@authenticated", "@requiresScopes", "@policy", "@cost", "@listSize", "@context",'
    ' "@fromContext", "FieldSet"])\n'
)


def linked(directives: str) -> str:
    """The link to federation, with more directives on the schema."""
    return f"{LINK.rstrip()} {directives}\n"


def compose_subgraphs(**sdls: str) -> Composition:
    """Compose federation 2.9 subgraphs with everything imported; an SDL with a `@link` of its own is left as it is."""
    return compose(
        [SubgraphSource(name, "", sdl if "@link" in sdl else LINK + sdl) for name, sdl in sdls.items()]
    )


def compose_federation_1(**sdls: str) -> Composition:
    """Compose SDLs as they stand; without a `@link` they are of federation 1."""
    return compose([SubgraphSource(name, "", sdl) for name, sdl in sdls.items()])


def codes(**sdls: str) -> list[str]:
    """The codes of the errors, in order."""
    return [error.code for error in compose_subgraphs(**sdls).errors]


def supergraph(**sdls: str) -> str:
    """The supergraph's SDL, of subgraphs that compose."""
    composition = compose_subgraphs(**sdls)
    assert composition.errors == ()
    assert composition.supergraph_sdl is not None
    return composition.supergraph_sdl


def api(**sdls: str) -> str:
    """The SDL that clients see, of subgraphs that compose."""
    composition = compose_subgraphs(**sdls)
    assert composition.errors == ()
    assert composition.api_sdl is not None
    return composition.api_sdl


def hints(**sdls: str) -> list[str]:
    """The codes of the hints, of subgraphs that compose."""
    composition = compose_subgraphs(**sdls)
    assert composition.errors == ()
    return [hint.code for hint in composition.hints]
