"""Whether a token is what it says, by keys that are handed in.

PyJWT does the cryptography. What is decided here: which key may be used for which token. A key is used
only with algorithms of its own kind, so neither `none` nor an HMAC over a public key can pass.

Loading this takes 11 MB of memory, so only who has keys does.

Spec: RFC 7519 (JWT), RFC 7517 (JWK), RFC 8725 (best current practices).
"""

import re
from collections.abc import Mapping, Sequence

import jwt
from jwt import PyJWK
from jwt.types import Options

from router.kit.json import JsonObject, JsonValue
from router.policy.authentication import (
    ALGORITHMS_BY_KEY_TYPE,
    BAD_REQUEST,
    INTERNAL,
    AuthenticationError,
    TokenFault,
    VerificationKey,
)
from router.policy.options import JwksSource

KEYS_MAX = 100
"""Keys read from one document; a token without a key id is tried on every fitting one."""

_PRIVATE = frozenset({"d", "dp", "dq", "oth", "p", "q", "qi"})
"""Members of a private key. Where one stands in place of its public key, that is all that it is read for. RFC 7518, 6."""

_UNTOLD = frozenset({"Decode", "Value", "Recursion", "UnicodeDecode", "InvalidKey"})
"""Failures of which nothing is worth telling but that it is no good token."""


def read_keys(jwks: JsonValue, source: JwksSource) -> tuple[VerificationKey, ...]:
    """The usable signing keys of a JWKS document; keys of kinds that we do not know are left out.

    Raises:
        ValueError: the document is no JWKS.
    """
    if not isinstance(jwks, dict) or not isinstance(jwks.get("keys"), list):
        msg = "a JWKS document is an object with a list `keys`"
        raise ValueError(msg)  # noqa: TRY004 -- the document is at fault, not the caller
    entries = jwks["keys"][:KEYS_MAX]
    keys = [_find_key(entry, source) for entry in entries if isinstance(entry, dict)]
    return tuple(key for key in keys if key is not None)


def verify_token(token: str, keys: Sequence[VerificationKey], *, now_s: float) -> JsonObject:
    """The claims of `token`, which one of `keys` has signed and which holds at `now_s` (Unix seconds).

    Raises:
        AuthenticationError: it is not so; `is_key_unknown` if newer keys could make it so.
    """
    try:
        header = jwt.get_unverified_header(token)
    # JSON that nests thousands deep ends in a RecursionError.
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        msg = "The JWT header cannot be decoded"
        raise AuthenticationError(msg, TokenFault.INVALID_HEADER, BAD_REQUEST) from error
    failure: AuthenticationError | None = None
    for candidate in _select_keys(header, keys):
        try:
            claims = _decode(token, candidate, str(header["alg"]))
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            name = type(error).__name__.removesuffix("Error")
            failure = failure or _cannot_decode("InvalidToken" if name in _UNTOLD else name)
            continue
        try:
            _check_claims(claims, candidate.source, now_s)
        except AuthenticationError as error:
            # The same key may be named twice, for other issuers or audiences; what a true signature fails by is told.
            failure = error
            continue
        return claims
    assert failure is not None, "there is one candidate at least"
    raise failure


def _find_key(entry: JsonObject, source: JwksSource) -> VerificationKey | None:
    algorithms = ALGORITHMS_BY_KEY_TYPE.get(str(entry.get("kty")), frozenset())
    if isinstance(entry.get("alg"), str):
        algorithms &= {entry["alg"]}
    if source.algorithms:
        algorithms &= source.algorithms
    if not algorithms or entry.get("use", "sig") != "sig":
        return None
    kid = entry.get("kid")
    try:
        public = {name: value for name, value in entry.items() if name not in _PRIVATE}
        key = PyJWK.from_dict(public, algorithm=min(algorithms))
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    return VerificationKey(key, kid if isinstance(kid, str) else None, algorithms, source)


def _select_keys(header: Mapping[str, JsonValue], keys: Sequence[VerificationKey]) -> list[VerificationKey]:
    algorithm, kid = header.get("alg"), header.get("kid")
    named = keys if kid is None else [key for key in keys if key.kid == kid]
    if kid is not None and not named:
        msg = "Cannot find the token's kid in JWKS list"
        raise AuthenticationError(msg, TokenFault.CANNOT_FIND_KID)
    fitting = [key for key in named if isinstance(algorithm, str) and algorithm in key.algorithms]
    if not fitting:
        msg = "Cannot find a suitable key for the token in JWKS list"
        # A token without a key id may be meant for a key that is not here yet.
        fault = TokenFault.CANNOT_FIND_SUITABLE_KEY if named else TokenFault.CANNOT_FIND_KID
        raise AuthenticationError(msg, fault)
    return fitting


def _decode(token: str, key: VerificationKey, algorithm: str) -> JsonObject:
    # Times, issuer and audience are checked afterwards, against the clock that is handed in; numbers as names are the issuer's affair.
    options: Options = {
        "verify_signature": True,
        "verify_exp": False,
        "verify_nbf": False,
        "verify_iat": False,
        "verify_aud": False,
        "verify_iss": False,
        "verify_sub": False,
        "verify_jti": False,
    }
    return jwt.decode(token, key.key.key, algorithms=[algorithm], options=options)


def _check_claims(claims: JsonObject, source: JwksSource, now_s: float) -> None:
    expires_at, not_before = claims.get("exp"), claims.get("nbf")
    if expires_at is None and not source.allow_missing_exp:
        raise _cannot_decode("MissingRequiredClaim(exp)")
    if expires_at is not None and not (_is_number(expires_at) and now_s - source.leeway_s < expires_at):
        raise _cannot_decode("ExpiredSignature")
    if not_before is not None and not (_is_number(not_before) and now_s + source.leeway_s >= not_before):
        raise _cannot_decode("ImmatureSignature")
    issuer = claims.get("iss")
    if source.issuers and not (isinstance(issuer, str) and issuer in source.issuers):
        msg = "Invalid issuer: the token's `iss` is not one that its key may speak for"
        raise AuthenticationError(msg, TokenFault.INVALID_ISSUER, INTERNAL)
    audience = claims.get("aud")
    given = audience if isinstance(audience, list) else [audience]
    if source.audiences and not any(isinstance(each, str) and each in source.audiences for each in given):
        msg = "Invalid audience: the token's `aud` is not one that this router expects"
        raise AuthenticationError(msg, TokenFault.INVALID_AUDIENCE)


def _cannot_decode(why: str) -> AuthenticationError:
    """`why` is spelt as Apollo Router's messages have it; as a reason it is spelt like a code."""
    name = why.partition("(")[0]
    reason = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()
    return AuthenticationError(f"Cannot decode JWT: {why}", TokenFault.CANNOT_DECODE_JWT, reason=reason)


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
