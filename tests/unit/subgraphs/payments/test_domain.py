"""The rules of a payment as plain functions."""

import pytest

from subgraphs.common.errors import InvalidInputError
from subgraphs.payments.domain import (
    OPEN,
    PAID,
    RUNNING,
    TOKEN_CHARACTERS_MAX,
    TRANSITIONS,
    URL_CHARACTERS_MAX,
    PaymentStatus,
    check_return_url,
    check_token,
)

S = PaymentStatus


def test_the_machine_knows_every_status_and_two_ends() -> None:
    assert {*TRANSITIONS} == {*PaymentStatus}
    assert {status for status, after in TRANSITIONS.items() if not after} == {S.FAILED, S.REFUNDED}


def test_money_that_comes_late_is_taken_in() -> None:
    assert TRANSITIONS[S.CANCELLED] == TRANSITIONS[S.EXPIRED] == {S.SUCCEEDED}


def test_every_open_payment_can_succeed_fail_be_cancelled_and_expire() -> None:
    for status in OPEN:
        assert {S.SUCCEEDED, S.FAILED, S.CANCELLED, S.EXPIRED} <= TRANSITIONS[status]


def test_what_runs_is_what_is_open_or_has_the_money() -> None:
    assert {*RUNNING} == {*OPEN, *PAID}
    assert not {*OPEN} & {*PAID}


@pytest.mark.parametrize("token", [None, "t", "t" * TOKEN_CHARACTERS_MAX])
def test_a_token_within_bounds_is_taken(token: str | None) -> None:
    assert check_token(token) == token


@pytest.mark.parametrize("token", ["", "t" * (TOKEN_CHARACTERS_MAX + 1)])
def test_a_token_out_of_bounds_is_refused(token: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_token(token)
    assert caught.value.path == ("input", "paymentToken")
    assert "ttt" not in caught.value.message


@pytest.mark.parametrize(
    "url",
    [
        None,
        "https://shop.example/back?order=1#here",
        "https://shop.example:8443/",
        "http://localhost:5173/back",
        "http://127.0.0.1/back",
        "https://s.example/" + "x" * (URL_CHARACTERS_MAX - len("https://s.example/")),
    ],
)
def test_an_address_of_the_web_is_taken(url: str | None) -> None:
    assert check_return_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://",
        "https:///back",
        "http://shop.example/",
        "http://localhost.evil.example/",
        "http://127.0.0.1.evil.example/",
        "javascript:alert(1)",
        "//shop.example",
        "ftp://shop.example",
        "https://shop.example/a b",
        "https://shop.example/\n",
        "https://shop.example/\x01",
        "https://shop.example\\@evil.example",
        "https://[::1",
        "https://shop.example:notaport/",
        "https://shop.example:99999/",
        "https://s.example/" + "x" * URL_CHARACTERS_MAX,
    ],
)
def test_anything_else_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_return_url(url)
    assert caught.value.path == ("input", "returnUrl")
