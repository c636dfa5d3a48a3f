"""The picture of a supergraph: what is on the cards, where they stand, and that it is sound SVG."""

from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

from bench.composition.federations import Shape, build_federation
from router import Supergraph, compose
from router.__main__ import main
from router.picture import draw_supergraph
from router.picture.cards import ROWS_MAX, read_cards
from router.picture.layout import lay_out
from tests.support.small_graph import SUPERGRAPH

_LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", '
    'import: ["@key", "@shareable", "@external", "@requires"])\n'
)


def compose_supergraph(**subgraphs: str) -> Supergraph:
    """Compose federation 2 subgraphs, given without their link."""
    composition = compose({name: _LINK + sdl for name, sdl in subgraphs.items()})
    assert composition.supergraph_sdl is not None, composition.errors
    return Supergraph.read(composition.supergraph_sdl)


@pytest.fixture
def shop() -> Supergraph:
    return compose_supergraph(
        products="""
            type Query { product: Product }
            type Product @key(fields: "id") @key(fields: "sku") { id: ID! sku: String! name: String size: Int }
        """,
        reviews="""
            type Query { latest: [Review] }
            type Review @key(fields: "id") { id: ID! product: Product }
            type Product @key(fields: "id") {
                id: ID! size: Int @external reviews: ReviewConnection weight: Int @requires(fields: "size")
            }
            type ReviewConnection { edges: [ReviewEdge] }
            type ReviewEdge { node: Review }
            type Box { product: Product count: Int }
            extend type Query { box: Box }
        """,
    )


def test_an_entity_shows_its_keys_and_its_owner_first(shop):
    product = next(card for card in read_cards(shop) if card.name == "Product")

    assert product.keys == ("id", "sku")
    assert [(part.subgraph, part.is_owner) for part in product.sections] == [
        ("products", True),
        ("reviews", False),
    ]
    assert [row.name for row in product.sections[1].rows] == ["reviews", "weight"]


def test_a_field_leads_to_the_entity_that_it_returns_also_through_a_connection(shop):
    targets = {
        f"{card.name}.{row.name}": row.target
        for card in read_cards(shop)
        for part in card.sections
        for row in part.rows
    }

    assert targets["Review.product"] == "Product"
    assert targets["Product.reviews"] == "Review"
    assert targets["Product.name"] is None


def test_what_a_field_requires_is_said(shop):
    product = next(card for card in read_cards(shop) if card.name == "Product")

    assert [row.requires for row in product.sections[1].rows] == ["", "size"]


def test_a_type_without_a_key_is_there_only_if_it_leads_to_another_subgraph(shop):
    cards = {card.name: card for card in read_cards(shop)}

    assert set(cards) == {"Box", "Product", "Review"}
    assert cards["Box"].kind == "type"
    assert [(row.name, row.target) for row in cards["Box"].sections[0].rows] == [("product", "Product")]
    assert cards["Box"].sections[0].more == 1


def test_a_long_entity_is_shortened_but_keeps_what_leads_elsewhere():
    fields = " ".join(f"f{i}: Int" for i in range(ROWS_MAX + 5))
    supergraph = compose_supergraph(
        a=f'type Query {{ t: T }} type T @key(fields: "id") {{ id: ID! {fields} last: T }}'
    )
    (card,) = read_cards(supergraph)

    assert len(card.sections[0].rows) == ROWS_MAX
    assert card.sections[0].rows[-1].name == "last"
    assert card.sections[0].more == 7


def test_cards_do_not_overlap():
    composition = compose(build_federation(Shape(subgraphs=12, types=8, shared=3, pool=9)))
    assert composition.supergraph_sdl is not None
    places = lay_out(read_cards(Supergraph.read(composition.supergraph_sdl))).places

    assert len(places) == 12 * 5 + 9
    for one, other in combinations(places, 2):
        apart_x = one.x + one.width <= other.x or other.x + other.width <= one.x
        apart_y = one.y + one.height <= other.y or other.y + other.height <= one.y
        assert apart_x or apart_y


def test_the_picture_is_sound_xml_and_the_same_every_time(shop):
    picture = draw_supergraph(shop)

    assert ET.fromstring(picture).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 -- our own
    assert draw_supergraph(shop) == picture


def test_text_of_schemas_is_escaped():
    composition = compose({'<b>&"shop"': "type Query { a: Int }"})
    assert composition.supergraph_sdl is not None
    picture = draw_supergraph(Supergraph.read(composition.supergraph_sdl))

    assert "<b>" not in picture
    assert "&lt;b&gt;&amp;&quot;shop&quot;" in picture


def test_a_supergraph_without_entities_has_a_picture_too():
    picture = draw_supergraph(compose_supergraph(a="type Query { a: Int }"))

    assert "1 subgraph, 0 entities" in picture


def test_a_part_of_a_large_graph_can_be_drawn():
    composition = compose(build_federation(Shape(subgraphs=4, types=8, shared=2, pool=4)))
    assert composition.supergraph_sdl is not None
    supergraph = Supergraph.read(composition.supergraph_sdl)
    drawn = draw_supergraph(supergraph, around=["T0_1"])

    assert {name for name in ("T0_0", "T0_1", "T0_2", "T0_3", "E1") if f">{name}</text>" in drawn} == {
        "T0_0",
        "T0_1",
        "T0_2",
        "E1",
    }
    with pytest.raises(ValueError, match="is not in the picture"):
        draw_supergraph(supergraph, around=["T0_77"])


def test_the_command_writes_the_picture(tmp_path, capsys):
    source, target = tmp_path / "supergraph.graphql", tmp_path / "picture.svg"
    source.write_text(SUPERGRAPH)

    assert main(["graph", "-s", str(source)]) == 0
    assert capsys.readouterr().out.startswith("<svg")
    assert main(["graph", "-s", str(source), "-o", str(target)]) == 0
    assert target.read_text().startswith("<svg")
    with pytest.raises(SystemExit) as misuse:
        main(["graph"])
    assert misuse.value.code == 2
