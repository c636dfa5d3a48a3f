"""The marketplace's own policies."""

import time

import pytest

from policies import MFA_AGE_S_MAX, recent_mfa, verified_email


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"email_verified": True}, True),
        ({"email_verified": "true"}, False),
        ({"email_verified": 1}, False),
        ({}, False),
    ],
)
async def test_a_mail_address_is_verified_by_the_claim_true_alone(claims, expected):
    assert await verified_email(claims) is expected


async def test_a_second_factor_counts_for_ten_minutes():
    now_s = time.time()
    assert await recent_mfa({"mfa_at": now_s - MFA_AGE_S_MAX + 5})
    assert not await recent_mfa({"mfa_at": now_s - MFA_AGE_S_MAX - 5})
    assert await recent_mfa({"mfa_at": now_s + 20}), "the clock of who signs may be a little ahead"
    assert not await recent_mfa({"mfa_at": now_s + 60})
    for claims in ({}, {"mfa_at": None}, {"mfa_at": True}, {"mfa_at": "now"}):
        assert not await recent_mfa(claims)
