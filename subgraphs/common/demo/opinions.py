"""What the people said of what they bought, and what they wish for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from subgraphs.common.demo.catalogue import App, read_catalogue
from subgraphs.common.demo.dice import Dice, build_id
from subgraphs.common.demo.people import Person, read_people
from subgraphs.common.demo.purchases import tell_purchases
from subgraphs.common.demo.scope import Scope
from subgraphs.common.demo.words import BODIES, TITLES

_REVIEWED = 0.3
_UNTITLED = 0.1
_WITHOUT_BODY = 0.2
_STATUSES = (("PUBLISHED", 0.96), ("REJECTED", 0.025), ("PENDING", 0.015))
_WISHES_MAX = 8
_GOOD = ((5, 0.44), (4, 0.34), (3, 0.13), (2, 0.05), (1, 0.04))
_BAD = ((3, 0.26), (1, 0.22), (2, 0.2), (4, 0.18), (5, 0.14))
_BAD_SHARE = 0.2
"""Of the apps; how the stars of such an app and of any other are spread."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """A review, and what the moderators made of it."""

    id: UUID
    product_id: UUID
    author_id: UUID
    rating: int
    title: str | None
    body: str | None
    status: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """A product on somebody's list."""

    user_id: UUID
    product_id: UUID
    at: datetime


def tell_opinions(scope: Scope) -> Iterator[Opinion]:
    """What buyers said of what they kept: each of a product once, in the order of their purchases."""
    said = set[tuple[UUID, UUID]]()
    apps = {app.id: app for app in read_catalogue(scope)}
    people = {person.id: person for person in read_people(scope)}
    for purchase in tell_purchases(scope):
        if purchase.final_status != "COMPLETED":
            continue
        for line in purchase.lines:
            dice = Dice(scope.name, "opinion", line.id)
            at = purchase.happenings[-1].at + timedelta(minutes=dice.number(30, 30_000))
            who_of_what = (purchase.customer_id, line.product_id)
            if at < scope.end and who_of_what not in said and dice.chance(_REVIEWED):
                said.add(who_of_what)
                yield _say(apps[line.product_id], people[purchase.customer_id], at, dice)


def tell_wishes(scope: Scope) -> Iterator[Wish]:
    """What the people wish for: some of the apps each, nobody the same one twice."""
    apps = read_catalogue(scope)
    for person in read_people(scope):
        dice = Dice(scope.name, "wishes", person.id)
        seconds = int((scope.end - person.registered_at).total_seconds())
        wished = {
            dice.pick_early(apps).id: dice.number(1, seconds - 1) for _ in range(dice.number(0, _WISHES_MAX))
        }
        for product_id, after_s in wished.items():
            yield Wish(person.id, product_id, person.registered_at + timedelta(seconds=after_s))


def _say(app: App, author: Person, at: datetime, dice: Dice) -> Opinion:
    rating = dice.weigh(_BAD if Dice("quality", app.slug).chance(_BAD_SHARE) else _GOOD)
    language = author.locale.split("-")[0]
    titles, bodies = (words.get(language, words["en"])[rating - 1] for words in (TITLES, BODIES))
    title = None if dice.chance(_UNTITLED) else dice.pick(titles)
    body = None if dice.chance(_WITHOUT_BODY) else dice.pick(bodies).format(app=app.name)
    id_ = build_id("review", f"{author.id}-{app.slug}", at)
    return Opinion(id_, app.id, author.id, rating, title, body, dice.weigh(_STATUSES), at)
