"""The rules of a profile: what its fields may hold, what is public by default, what deletion leaves.

Pure: a check reports faults, all of them; the service refuses.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from subgraphs.common.errors import DomainError, ErrorCode, InvalidInputError
from subgraphs.common.text import is_blank, is_storable, tidy_line

FULL_NAME_LENGTH_MAX = 100
DISPLAY_NAME_LENGTH_MAX = 50
ADDRESS_LINE_LENGTH_MAX = 100
POSTAL_CODE_LENGTH_MAX = 20
SEARCH_LENGTH_MAX = 100
REASON_LENGTH_MAX = 500
REGISTRATION_POINTS_MAX = 1000
DELETED_NAME = "Deleted user"
DEFAULT_LOCALE = "en"
ROLES = ("USER", "SUPPORT", "ADMIN")  # auth's; here only to filter by

_PHONE = re.compile(r"\+?[0-9](?:[ ().-]{0,2}[0-9]){4,18}")
# RFC 5646, 2.1, its core: language, script, region.
_LOCALE = re.compile(r"([A-Za-z]{2,3})(?:-([A-Za-z]{4}))?(?:-([A-Za-z]{2}|[0-9]{3}))?")
_ISO_3166_1_ALPHA_2 = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY
BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK
FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR
IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK
ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM
PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF
TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
_COUNTRY_CODES = frozenset(_ISO_3166_1_ALPHA_2.split())


class ErasureStatus(StrEnum):
    """How far an erasure or an export has come.

    FAILED is an erasure that a service refused; asking again goes on where it stopped.
    """

    SCHEDULED = "SCHEDULED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


class Interval(StrEnum):
    """The width of one point of a time series; each value is a `date_trunc` field in capitals."""

    HOUR = "HOUR"
    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"


class UserSortField(StrEnum):
    """By what a list of users can be ordered; names without regard to case."""

    CREATED_AT = "CREATED_AT"
    FULL_NAME = "FULL_NAME"
    EMAIL = "EMAIL"


_SECONDS_AT_LEAST = {Interval.HOUR: 3600, Interval.DAY: 86400, Interval.WEEK: 604800, Interval.MONTH: 2419200}

# The services that must forget a person, in the order in which they are asked.
ERASURE_STEPS = ("auth", "orders", "payments", "products", "users")


@dataclass(frozen=True, slots=True)
class AccountCopy:
    """What auth says of an account; of two copies the one with the greater `version` is right."""

    id: UUID
    email: str
    email_verified: bool
    full_name: str
    role: str
    status: str
    version: int
    created_at: datetime

    @property
    def is_deleted(self) -> bool:
        """Tell whether nothing of the person is left in auth."""
        return self.status == "DELETED"


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; `country_code` is ISO 3166-1 alpha-2."""

    line1: str
    line2: str | None
    city: str
    region: str | None
    postal_code: str
    country_code: str


@dataclass(frozen=True, slots=True)
class Profile:
    """One user as this subgraph knows it."""

    id: UUID
    full_name: str
    display_name: str
    phone: str | None
    address: Address | None
    avatar_url: str | None
    locale: str
    email: str
    role: str
    status: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """The fields to change, by their names in `Profile`; what is not in it stays as it is."""

    values: dict[str, str | Address | None]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input: where (a path of GraphQL names), whether it is missing, and why."""

    path: tuple[str, ...]
    message: str
    is_missing: bool = False


class ProfileRefusedError(DomainError):
    """A change of a profile with all that is wrong with it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Take the faults, of which there is one at least."""
        self.refusals = [
            InvalidInputError(
                fault.message,
                ("input", *fault.path),
                ErrorCode.REQUIRED if fault.is_missing else ErrorCode.INVALID,
            )
            for fault in faults
        ]
        first = self.refusals[0]
        super().__init__(first.message, first.code, first.path)


@dataclass(frozen=True, slots=True)
class UserFilter:
    """Which users to list; None means any."""

    search: str | None = None
    role: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    include_deleted: bool = False


@dataclass(frozen=True, slots=True)
class UserOrder:
    """One criterion of an order."""

    field: UserSortField
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class ErasureStep:
    """What one service has to forget; `done_at` None: not yet."""

    service: str
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class ErasureRequest:
    """The erasure of one user, with its steps in their order: the proof that it was done."""

    id: UUID
    user_id: UUID
    status: ErasureStatus
    requested_at: datetime
    completed_at: datetime | None
    steps: tuple[ErasureStep, ...]


@dataclass(frozen=True, slots=True)
class DataExport:
    """A user's data on the way to that user; COMPLETED once they are gathered."""

    id: UUID
    user_id: UUID
    status: ErasureStatus
    expires_at: datetime


def default_display_name(full_name: str) -> str:
    """Return the name to show to anybody until its owner chooses one: `Ada Lovelace` gives `Ada L.`."""
    words = full_name.split()
    if not words:
        return DELETED_NAME
    name = words[0] if len(words) == 1 else f"{words[0]} {words[-1][0]}."
    return name[:DISPLAY_NAME_LENGTH_MAX]


def clean_change(change: ProfileChange) -> tuple[ProfileChange, list[Fault]]:
    """Trim and normalise the values of a change, and list everything that is wrong with them."""
    cleaned: dict[str, str | Address | None] = {}
    for name, value in change.values.items():
        if isinstance(value, str):
            cleaned[name] = _CLEAN.get(name, tidy_line)(value)
        elif isinstance(value, Address):
            cleaned[name] = _clean_address(value)
        else:
            cleaned[name] = None
    return ProfileChange(cleaned), [*_find_faults(cleaned)]


def count_points_at_most(interval: Interval, start: datetime, end: datetime) -> int:
    """Return an upper bound of the points between two times, both ends included."""
    return int((end - start).total_seconds() // _SECONDS_AT_LEAST[interval]) + 2


def _find_faults(values: dict[str, str | Address | None]) -> Iterator[Fault]:
    for name, length_max in (("full_name", FULL_NAME_LENGTH_MAX), ("display_name", DISPLAY_NAME_LENGTH_MAX)):
        if name in values:
            yield from _check_text((_camel(name),), values[name], length_max)
    phone = values.get("phone")
    if isinstance(phone, str) and not _PHONE.fullmatch(phone):
        yield Fault(("phone",), "Give a telephone number such as +49 30 1234567.")
    if "locale" in values:
        locale = values["locale"]
        if not isinstance(locale, str) or not _LOCALE.fullmatch(locale):
            yield Fault(("locale",), "Give a language tag such as en or de-AT.", is_missing=locale is None)
    address = values.get("address")
    if isinstance(address, Address):
        yield from _find_address_faults(address)


def _find_address_faults(address: Address) -> Iterator[Fault]:
    for name, value in (("line1", address.line1), ("city", address.city)):
        yield from _check_text(("address", name), value, ADDRESS_LINE_LENGTH_MAX)
    for name, optional in (("line2", address.line2), ("region", address.region)):
        if optional is not None:
            yield from _check_text(("address", name), optional, ADDRESS_LINE_LENGTH_MAX)
    yield from _check_text(("address", "postalCode"), address.postal_code, POSTAL_CODE_LENGTH_MAX)
    if address.country_code not in _COUNTRY_CODES:
        yield Fault(
            ("address", "countryCode"), "Give a country code of two letters (ISO 3166-1), such as DE."
        )


def _check_text(path: tuple[str, ...], value: object, length_max: int) -> Iterator[Fault]:
    if not isinstance(value, str) or is_blank(value):
        yield Fault(path, "This cannot be empty.", is_missing=True)
    elif len(value) > length_max:
        yield Fault(path, f"This can have at most {length_max} characters.")
    elif not is_storable(value):
        yield Fault(path, "This contains characters that cannot be stored.")


def _clean_address(address: Address) -> Address:
    return replace(
        address,
        line1=tidy_line(address.line1),
        line2=tidy_line(address.line2) or None if address.line2 is not None else None,
        city=tidy_line(address.city),
        region=tidy_line(address.region) or None if address.region is not None else None,
        postal_code=tidy_line(address.postal_code).upper(),
        country_code=tidy_line(address.country_code).upper(),
    )


def _clean_locale(text: str) -> str:
    match = _LOCALE.fullmatch(text.strip(" ").replace("_", "-"))
    if match is None:
        return text
    language, script, region = match.groups(default="")
    return "-".join(filter(None, (language.lower(), script.title(), region.upper())))


_CLEAN = {"locale": _clean_locale}


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(word.title() for word in tail)
