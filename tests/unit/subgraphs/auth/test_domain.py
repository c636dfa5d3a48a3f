"""Auth's rules: what each role may, and which addresses, passwords and names are taken."""

from uuid import UUID

import pytest

from subgraphs.auth.domain import (
    PASSWORD_LENGTH_MAX,
    Role,
    deleted_email,
    find_password_faults,
    is_email,
    is_full_name,
    normalize_email,
    scopes_of,
)
from subgraphs.common.text import is_storable, tidy_line


def test_a_user_has_no_scope_support_only_reads_and_an_admin_has_all() -> None:
    assert scopes_of(Role.USER) == frozenset()
    assert all(scope.endswith(":read") for scope in scopes_of(Role.SUPPORT))
    assert scopes_of(Role.ADMIN) == {
        "catalog:write",
        "orders:read",
        "orders:write",
        "payments:read",
        "payments:refund",
        "users:read",
        "users:write",
        "analytics:read",
        "audit:read",
        "webhooks:write",
    }


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.com",
        "a.b+c@sub.example.co",
        "o'neil@example.org",
        f"{'a' * 64}@example.com",
        "x@xn--bcher-kva.example",
    ],
)
def test_an_address_is_taken(address: str) -> None:
    assert is_email(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@localhost",
        "ada@@example.com",
        "a..b@example.com",
        ".a@example.com",
        "ada@-example.com",
        "ada@example..com",
        "ada@example.1",
        "ada lovelace@example.com",
        "ada@example.com\x00",
        "ada@example.com\n",
        "ada@exämple.com",
        "\ud800@example.com",
        f"{'a' * 65}@example.com",
        f"a@{'a.' * 130}com",
        "someone@deleted.invalid",
    ],
)
def test_a_bad_address_is_refused(address: str) -> None:
    assert not is_email(address)


def test_addresses_that_differ_in_case_and_outer_space_are_one() -> None:
    assert normalize_email("  Ada@Example.COM ") == "ada@example.com"
    assert not is_email(normalize_email("\N{KELVIN SIGN}im@example.com"))


def test_nobody_can_take_the_address_that_a_deleted_account_will_have() -> None:
    assert not is_email(deleted_email(UUID(int=1)))


@pytest.mark.parametrize(
    "password", ["correct horse battery", "demo-password-1", "пароль-очень-длинный", "a1" * 64]
)
def test_a_password_of_good_length_is_taken(password: str) -> None:
    assert find_password_faults(password, "ada@example.com") == []


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("", "at least"),
        ("nine-long", "at least"),
        ("x" * PASSWORD_LENGTH_MAX + "y", "at most"),
        ("x" * 10_000_000, "at most"),
        ("ADA.lovelace@example.com", "e-mail"),
        ("Ada.Lovelace", "e-mail"),
        ("aaaaaaaaaaaa", "guessed first"),
        ("nul\x00nul\x00nul", "control"),
        ("half \ud800 of a pair", "control"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(password: str, word: str) -> None:
    (reason,) = find_password_faults(password, "ada.lovelace@example.com")
    assert word in reason


def test_all_reasons_are_told_at_once() -> None:
    assert len(find_password_faults("aaa", "aaa@example.com")) == 3


def test_a_name_is_trimmed_and_kept_in_its_own_script() -> None:
    assert tidy_line("  Ada   Lovelace ") == "Ada Lovelace"
    assert tidy_line("Zoe\u0308") == "Zo\u00eb"
    assert is_full_name("José Ñandú")
    assert is_full_name("山田 太郎")
    assert is_full_name("x" * 100)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "x" * 101,
        "a\x00b",
        "a\nb",
        "a\u202eb",
        "a\u2028b",
        "\ud800",
        "\u200b\u2060",
        "\u3164",
        "\ufe0f\u0301",
    ],
)
def test_a_name_that_cannot_be_stored_or_shown_is_refused(name: str) -> None:
    assert not is_full_name(tidy_line(name))


def test_ordinary_text_of_any_script_can_be_stored() -> None:
    assert is_storable("Zoë 👩‍🚀 مرحبا")
