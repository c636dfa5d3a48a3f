"""The copy of what auth has called back: what it refuses, how it is kept up, what it forgets."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from subgraphs.common import revocation
from subgraphs.common.internal import PeerError
from subgraphs.common.revocation import KEPT, OVERLAP, Revocation, Revocations, build_revocation_source

START = datetime(2026, 11, 30, tzinfo=UTC)
FOREVER = 2**31 - 1


class Auth:
    """The list of auth, which may be silent; notes from when on it was asked."""

    def __init__(self, *entries: tuple[str, int, float]) -> None:
        self.entries = [(subject, version, START + timedelta(seconds=at)) for subject, version, at in entries]
        self.asked: list[str | None] = []
        self.fault: Exception | None = None
        self.answer: dict[str, Any] | None = {}

    async def get(self, _path: str) -> None:
        raise AssertionError

    async def post(self, _path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        self.asked.append(body["after"])
        if self.fault is not None:
            raise self.fault
        after = START if body["after"] is None else datetime.fromisoformat(body["after"])
        found = sorted((entry for entry in self.entries if entry[2] >= after), key=lambda entry: entry[2])
        page = [
            {"subject": subject, "version": version, "at": at.isoformat()}
            for subject, version, at in found[: revocation.PAGE]
        ]
        return None if self.answer is None else {"revoked": page, **self.answer}

    def add(self, subject: str, version: int, at: float) -> None:
        self.entries.append((subject, version, START + timedelta(seconds=at)))


def build(auth: Auth) -> Revocations:
    return Revocations(build_revocation_source(auth))


async def test_a_token_is_refused_by_its_session_its_key_and_the_version_of_its_account() -> None:
    auth = Auth(("ended session", FOREVER, 0), ("ended key", FOREVER, 1), ("demoted", 4, 2))
    revocations = build(auth)
    await revocations.follow()
    for claims, is_revoked in (
        ({"sub": "a", "sid": "ended session", "ver": 9}, True),
        ({"sub": "a", "akid": "ended key", "ver": 9}, True),
        ({"sub": "demoted", "sid": "live", "ver": 3}, True),
        ({"sub": "demoted", "sid": "live"}, True),
        ({"sub": "demoted", "sid": "live", "ver": 4}, False),
        ({"sub": "a", "sid": "live", "ver": 1}, False),
        ({}, False),
    ):
        assert revocations.has(claims) is is_revoked, claims


async def test_what_is_committed_late_is_heard_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revocation, "PAGE", 2)
    auth = Auth(*((f"s{n}", FOREVER, n) for n in range(5)))
    revocations = build(auth)
    await revocations.follow()
    auth.add("late", FOREVER, 4 - OVERLAP.total_seconds() + 1)
    auth.add("s9", FOREVER, 9)
    await revocations.follow()
    for subject in ("s0", "s4", "late", "s9"):
        assert revocations.has({"sid": subject}), subject
    assert auth.asked[0] is None


async def test_a_newer_version_counts_and_an_older_one_that_comes_again_does_not() -> None:
    auth = Auth(("ada", 7, 5))
    revocations = build(auth)
    await revocations.follow()
    auth.add("ada", 3, 4)
    await revocations.follow()
    assert revocations.has({"sub": "ada", "ver": 6})
    assert not revocations.has({"sub": "ada", "ver": 7})


async def test_what_was_heard_counts_while_auth_is_away(caplog: pytest.LogCaptureFixture) -> None:
    auth = Auth(("s", FOREVER, 0))
    revocations = build(auth)
    await revocations.follow()
    auth.fault = PeerError("no answer")
    await revocations.follow()
    await revocations.follow()
    assert revocations.has({"sid": "s"})
    assert len(caplog.messages) == 1, "it is said once"
    auth.fault = None
    auth.answer = {"revoked": "nonsense"}
    await revocations.follow()
    assert revocations.has({"sid": "s"})
    auth.answer = None  # an auth of an older release has no such route
    await revocations.follow()
    assert revocations.has({"sid": "s"})


async def test_no_more_is_kept_than_can_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    auth = Auth(("old", FOREVER, 0), ("edge", FOREVER, 1))
    revocations = build(auth)
    await revocations.follow()
    auth.add("new", FOREVER, 1 + KEPT.total_seconds())
    await revocations.follow()
    assert [revocations.has({"sid": subject}) for subject in ("old", "edge", "new")] == [False, True, True]
    monkeypatch.setattr(revocation, "ENTRIES_MAX", 1)
    await revocations.follow()
    assert [revocations.has({"sid": subject}) for subject in ("edge", "new")] == [False, True]


def test_an_entry_has_an_aware_time() -> None:
    with pytest.raises(ValueError, match="timezone"):
        Revocation(subject="s", version=1, at=START.replace(tzinfo=None))
