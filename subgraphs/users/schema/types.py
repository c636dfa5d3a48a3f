"""Users' GraphQL types.

`User` has public and private fields. The private ones ask `_require_access`: for another user's, a field that may
be null is null, and one that may not is an error that says nothing of the user.
"""

import datetime as dt
from typing import Annotated, Any, Self, cast

import strawberry
from strawberry import federation

from subgraphs.common.auth import is_owner_or, require_user
from subgraphs.common.errors import DomainError, ForbiddenError, refuse_file
from subgraphs.common.graphql_types import (
    Node,
    NotFoundError,
    SortDirection,
    ValidationError,
    build_user_error,
    id_of,
    parse_id,
)
from subgraphs.users import domain
from subgraphs.users.schema.context import UsersInfo

READ_SCOPE = "users:read"
WRITE_SCOPE = "users:write"

strawberry.enum(domain.ErasureStatus)
strawberry.enum(domain.Interval)
strawberry.enum(domain.UserSortField)


@strawberry.type
class Address:
    """A postal address."""

    line1: str
    line2: str | None
    city: str
    region: str | None
    postal_code: str
    country_code: str

    @classmethod
    def of(cls, address: domain.Address) -> Self:
        """Present an address."""
        return cls(
            line1=address.line1,
            line2=address.line2,
            city=address.city,
            region=address.region,
            postal_code=address.postal_code,
            country_code=address.country_code,
        )


def may_see(user: "User", info: UsersInfo) -> bool:
    """Tell whether the caller may see what is not public of a user."""
    return is_owner_or(info.context.principal, user.profile.id, READ_SCOPE)


def _require_access(user: "User", info: UsersInfo) -> domain.Profile:
    require_user(info.context.principal)
    if not may_see(user, info):
        raise ForbiddenError("Only the user and administrators may see this of a user.")
    return user.profile


def read_full_name(root: Any, info: UsersInfo) -> str:
    """Return the full name to the user and to administrators."""
    return _require_access(root, info).full_name


def read_phone(root: Any, info: UsersInfo) -> str | None:
    """Return the telephone number to the user and to administrators, null to others who are logged in."""
    require_user(info.context.principal)
    return root.profile.phone if may_see(root, info) else None


def read_address(root: Any, info: UsersInfo) -> Address | None:
    """Return the address to the user and to administrators, null to others who are logged in."""
    require_user(info.context.principal)
    address = root.profile.address if may_see(root, info) else None
    return None if address is None else Address.of(address)


def read_locale(root: Any, info: UsersInfo) -> str:
    """Return the language to the user and to administrators."""
    return _require_access(root, info).locale


def read_created_at(root: Any, info: UsersInfo) -> dt.datetime:
    """Return the time of registration to the user and to administrators."""
    return _require_access(root, info).created_at


def read_updated_at(root: Any, info: UsersInfo) -> dt.datetime:
    """Return the time of the last change to the user and to administrators."""
    return _require_access(root, info).updated_at


@federation.type(keys=["id"])
class User(Node):
    """What users knows of a user; deleted ones too, as tombstones."""

    profile: strawberry.Private[domain.Profile]
    display_name: str = strawberry.field(description="Name to show to anybody (reviews).")
    full_name: str = federation.field(resolver=read_full_name, authenticated=True)
    phone: str | None = federation.field(resolver=read_phone, authenticated=True)
    address: Address | None = federation.field(resolver=read_address, authenticated=True)
    avatar_url: str | None
    locale: str = federation.field(resolver=read_locale, authenticated=True)
    created_at: dt.datetime = federation.field(resolver=read_created_at, authenticated=True)
    updated_at: dt.datetime = federation.field(resolver=read_updated_at, authenticated=True)

    @classmethod
    def of(cls, profile: domain.Profile) -> Self:
        """Present a profile; its private fields look at the caller by themselves."""
        return cls(
            id=id_of(profile.id),
            profile=profile,
            display_name=profile.display_name,
            avatar_url=profile.avatar_url,
        )

    @classmethod
    async def resolve_reference(cls, info: UsersInfo, id: strawberry.ID) -> Self | None:  # noqa: A002  the key's name
        """Return anybody's user object; None if there never was such a user."""
        user_id = parse_id(id)
        profile = None if user_id is None else await info.context.find_profile(user_id)
        return None if profile is None else cls.of(profile)


@strawberry.input
class UserFilter:
    """Which users to list."""

    search: str | None = strawberry.UNSET
    role: str | None = strawberry.UNSET
    created_from: dt.datetime | None = strawberry.UNSET
    created_to: dt.datetime | None = strawberry.UNSET
    include_deleted: bool | None = False

    def read(self) -> domain.UserFilter:
        """Return the filter as the domain has it; an empty search is none."""
        return domain.UserFilter(
            search=(self.search or "").strip() or None,
            role=self.role or None,
            created_from=self.created_from or None,
            created_to=self.created_to or None,
            include_deleted=self.include_deleted is True,
        )


@strawberry.input
class UserSort:
    """One criterion of the order of a list."""

    field: domain.UserSortField
    direction: SortDirection = SortDirection.ASC

    def read(self) -> domain.UserOrder:
        """Return the criterion as the domain has it."""
        return domain.UserOrder(self.field, is_descending=self.direction is SortDirection.DESC)


@strawberry.input
class AddressInput:
    """A new postal address."""

    line1: str
    line2: str | None = strawberry.UNSET
    city: str
    region: str | None = strawberry.UNSET
    postal_code: str
    country_code: str

    def read(self) -> domain.Address:
        """Return the address as the domain has it."""
        return domain.Address(
            line1=self.line1,
            line2=self.line2 or None,
            city=self.city,
            region=self.region or None,
            postal_code=self.postal_code,
            country_code=self.country_code,
        )


@strawberry.input
class UpdateProfileInput:
    """The fields to change; those left out stay, null takes phone or address away."""

    full_name: str | None = strawberry.UNSET
    display_name: str | None = strawberry.UNSET
    phone: str | None = strawberry.UNSET
    address: AddressInput | None = strawberry.UNSET
    locale: str | None = strawberry.UNSET
    avatar_file_id: strawberry.ID | None = strawberry.UNSET

    def read(self) -> domain.ProfileChange:
        """Return the change as the domain has it.

        Raises:
            InvalidInputError: a file is named.
        """
        refuse_file(self.avatar_file_id, ("input", "avatarFileId"))
        given = {
            name: getattr(self, name) for name in ("full_name", "display_name", "phone", "address", "locale")
        }
        return domain.ProfileChange(
            {
                name: value.read() if isinstance(value, AddressInput) else cast("str | None", value)
                for name, value in given.items()
                if value is not strawberry.UNSET
            },
        )


UpdateProfileError = Annotated[ValidationError | NotFoundError, strawberry.union("UpdateProfileError")]


@strawberry.type
class UpdateProfilePayload:
    """The changed user."""

    user: User | None
    errors: list[UpdateProfileError]


@strawberry.type
class ErasureStep:
    """What one service has to forget."""

    service: str
    done_at: dt.datetime | None


@strawberry.type(description="Erasure is a durable saga; poll the request.")
class ErasureRequest(Node):
    """The erasure of one user and its proof."""

    user_id: strawberry.ID
    status: domain.ErasureStatus
    requested_at: dt.datetime
    completed_at: dt.datetime | None
    steps: list[ErasureStep]

    @classmethod
    def of(cls, request: domain.ErasureRequest) -> Self:
        """Present an erasure."""
        return cls(
            id=id_of(request.id),
            user_id=id_of(request.user_id),
            status=request.status,
            requested_at=request.requested_at,
            completed_at=request.completed_at,
            steps=[ErasureStep(service=step.service, done_at=step.done_at) for step in request.steps],
        )


@strawberry.type
class DeleteUserPayload:
    """The erasure that was started, taken up again, or done before."""

    request: ErasureRequest | None
    errors: list[UpdateProfileError]


@strawberry.type
class DataExport(Node):
    """What the services know of a user, for that user."""

    status: domain.ErasureStatus
    download_url: str | None
    expires_at: dt.datetime | None

    @classmethod
    def of(cls, export: domain.DataExport, link: str | None) -> Self:
        """Present an export with its link."""
        return cls(
            id=id_of(export.id),
            status=export.status,
            download_url=link,
            expires_at=export.expires_at,
        )


@strawberry.type
class RequestDataExportPayload:
    """The export; while it is RUNNING ask again."""

    export: DataExport | None
    errors: list[UpdateProfileError]


def errors_of(refusal: DomainError) -> list[Any]:
    """Return the `errors` of a payload for a refusal.

    The element type is the payload's union: which refusals can reach which mutation is the service's promise.
    """
    refusals = refusal.refusals if isinstance(refusal, domain.ProfileRefusedError) else [refusal]
    return [build_user_error(each) for each in refusals]
