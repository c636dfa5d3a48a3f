"""`@interfaceObject`: an interface of others, treated here as an object."""

from tests.unit.router.composition.composing import codes, supergraph

MEDIA = """
    type Query { media: [Media!]! }
    interface Media @key(fields: "id") { id: ID! title: String }
    type Book implements Media @key(fields: "id") { id: ID! title: String }
    type Film implements Media @key(fields: "id") { id: ID! title: String }
"""
RATINGS = 'type Media @key(fields: "id") @interfaceObject { id: ID! stars: Int! }'


def test_its_fields_are_fields_of_every_implementation():
    sdl = supergraph(media=MEDIA, ratings=RATINGS)
    assert '@join__type(graph: RATINGS, key: "id", isInterfaceObject: true)' in sdl
    assert sdl.count("  stars: Int! @join__field\n") == len(["Book", "Film"])
    assert "  stars: Int! @join__field(graph: RATINGS)\n" in sdl


def test_it_needs_a_key_an_interface_and_no_implementation_beside_it():
    assert codes(media=MEDIA, ratings="type Media @interfaceObject { stars: Int! }") == [
        "INTERFACE_OBJECT_USAGE_ERROR"
    ]
    assert "INTERFACE_OBJECT_USAGE_ERROR" in codes(a="type Query { m: Media }" + RATINGS)
    book = ' type Book @key(fields: "id") { id: ID! }'
    assert codes(media=MEDIA, ratings=RATINGS + book) == ["INTERFACE_OBJECT_USAGE_ERROR"]


def test_a_resolvable_interface_key_knows_every_implementation():
    other = 'type Song implements Media @key(fields: "id") {{ id: ID! title: String }} interface Media {} {{ id: ID! }}'
    assert codes(media=MEDIA, songs=other.format("")) == ["INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE"]
    media = MEDIA.replace(
        'interface Media @key(fields: "id")', 'interface Media @key(fields: "id", resolvable: false)'
    )
    assert codes(media=media, songs=other.format("")) == []
