"""Judging passwords, and hashing them with bcrypt, in threads of its own.

What is weak is estimated by zxcvbn: it knows the 30,000 passwords that leaked most, common words and names, dates,
keyboard rows, and how people vary them.

bcrypt reads 72 bytes at most and stops at a NUL, so it is given a digest: base64 of SHA-384 is 64 characters
and stands for the whole password. A hash takes tens of milliseconds on purpose. bcrypt lets go of the
interpreter's lock meanwhile, so a few threads keep the event loop free; their number is the bound on how much
of the machine log-ins may take.
"""

import asyncio
import base64
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import bcrypt
from zxcvbn import zxcvbn

from subgraphs.auth.domain import GUESSABLE, PASSWORD_LENGTH_MAX, find_password_faults, normalize_password
from subgraphs.auth.service.refusals import PasswordRefusedError
from subgraphs.common.errors import UnavailableError

_Result = TypeVar("_Result")

_THREADS = 2
WAITING_MAX = 100  # some ten seconds of work: who comes later would wait in vain
_DIGEST_CHARACTERS = 31
_SCORE_MIN = 3  # of 4: more than 10^8 guesses
_JUDGED_CHARACTERS_MAX = 72  # the estimate grows with the square of the length
# NFKC can make one character into eighteen: a hostile text is hashed as it is. No password that the policy
# accepts is longer.
_CHARACTERS_MAX = PASSWORD_LENGTH_MAX * 4


class PasswordHasher:
    """Makes and checks hashes of one cost; a check against no hash takes as long as one against a hash."""

    def __init__(self, cost: int) -> None:
        """Take the cost (log2 of the rounds, 4 to 31) for new hashes."""
        self._cost = cost
        self._waiting = 0
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="bcrypt")
        # A salt and a digest that no password is known to have: checking against it takes the usual time.
        self._decoy = bcrypt.gensalt(cost) + b"." * _DIGEST_CHARACTERS

    async def hash(self, password: str) -> str:
        """Return a new salted hash.

        Raises:
            UnavailableError: too many are waiting.
        """
        made = await self._run(lambda: bcrypt.hashpw(_digest(password), bcrypt.gensalt(self._cost)))
        return made.decode()

    async def check_new(self, password: str, email: str, path: tuple[str, ...]) -> None:
        """Refuse a new password that breaks a rule or is easily guessed; `path` names the input.

        Raises:
            PasswordRefusedError: with every rule that it breaks.
            UnavailableError: too many are waiting.
        """
        faults = find_password_faults(password, email)
        if not faults and await self._run(lambda: _is_guessable(password, email)):
            faults = [GUESSABLE]
        if faults:
            raise PasswordRefusedError(faults, path)

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Tell whether the password made the hash; None (no such account) is False, after the same work.

        Raises:
            UnavailableError: too many are waiting.
        """
        stored = self._decoy if password_hash is None else password_hash.encode()
        same = await self._run(lambda: bcrypt.checkpw(_digest(password), stored))
        return same and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Tell whether the hash was made with another cost than today's."""
        return password_hash.split("$")[2] != f"{self._cost:02}"

    async def _run(self, work: Callable[[], _Result]) -> _Result:
        if self._waiting >= WAITING_MAX:
            raise UnavailableError("Too many people log in just now. Try again soon.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=False)


def _is_guessable(password: str, email: str) -> bool:
    known = [email, email.partition("@")[0], *email.replace("@", ".").split("."), "marketplace"]
    judged = normalize_password(password)[:_JUDGED_CHARACTERS_MAX]
    return int(zxcvbn(judged, user_inputs=known)["score"]) < _SCORE_MIN


def _digest(password: str) -> bytes:
    plain = normalize_password(password) if len(password) <= _CHARACTERS_MAX else password
    # JSON can carry half of a surrogate pair; it is no password, but must not be a crash either.
    return base64.b64encode(hashlib.sha384(plain.encode("utf-8", "surrogatepass")).digest())
