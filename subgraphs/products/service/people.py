"""What products knows of one person, told and forgotten."""

from dataclasses import dataclass
from uuid import UUID

from subgraphs.common.database import Database
from subgraphs.common.internal import JsonObject
from subgraphs.common.personal_data import EXPORT_ROWS_MAX
from subgraphs.products.repository import people


@dataclass(frozen=True, slots=True)
class People:
    """What one database knows of people."""

    database: Database

    async def erase(self, user_id: UUID) -> None:
        """Forget a user: the wishlist and the votes go, and published reviews stay by somebody who has no name any more."""
        async with self.database.write() as session:
            # First, so that who still holds a token writes nothing while this goes on.
            await people.ERASED.note(session, user_id)
            await people.drop_unpublished(session, user_id)
            await people.drop_wishes(session, user_id)
            await people.drop_votes(session, user_id)

    async def export(self, user_id: UUID) -> JsonObject:
        """A user's reviews, wishes and votes, for the user."""
        async with self.database.read() as session:
            reviews = await people.list_reviews(session, user_id, EXPORT_ROWS_MAX)
            wishes = await people.list_wishes(session, user_id, EXPORT_ROWS_MAX)
            helpful = await people.list_votes(session, user_id, EXPORT_ROWS_MAX)
        return {
            "reviews": [
                {
                    "product": product,
                    "rating": review.rating,
                    "title": review.title,
                    "body": review.body,
                    "status": review.status,
                    "createdAt": review.created_at.isoformat(),
                }
                for review, product in reviews
            ],
            "wishlist": [{"product": name, "since": since.isoformat()} for name, since in wishes],
            "foundHelpful": [
                {"review": str(review), "since": since.isoformat()} for review, since in helpful
            ],
        }
