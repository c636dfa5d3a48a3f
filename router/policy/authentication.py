"""Whose token is this? Checking JSON Web Tokens against keys that are handed in.

    AuthenticationError     the token says nothing that can be trusted

PyJWT does the cryptography. What is decided here: which key may be used for which token. A key is used
only with algorithms of its own kind, so neither `none` nor an HMAC over a public key can pass.

Spec: RFC 7519 (JWT), RFC 7517 (JWK), RFC 8725 (best current practices). Messages, codes and statuses
are Apollo Router's, the 500 for a foreign issuer among them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import jwt
from jwt import PyJWK
from jwt.types import Options

from router.errors import ErrorCode, RefusedError, ResponseError
from router.kit.json import JsonObject, JsonValue
from router.policy.options import JwksSource, JwtOptions, TokenSource

LEEWAY_S = 60
"""How far the clocks of issuer and router may differ; Apollo Router's."""

KEYS_MAX = 100
"""Keys read from one document; a token without a key id is tried on every fitting one."""

BAD_REQUEST, UNAUTHORIZED, INTERNAL = 400, 401, 500

ALGORITHMS_BY_KEY_TYPE: Mapping[str, frozenset[str]] = {
    "oct": frozenset({"HS256", "HS384", "HS512"}),
    "RSA": frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
    "EC": frozenset({"ES256", "ES384"}),
    "OKP": frozenset({"EdDSA"}),
}

Headers = Sequence[tuple[str, str]]


class AuthenticationError(RefusedError):
    """The token says nothing that can be trusted."""

    def __init__(self, message: str, status: int = UNAUTHORIZED, *, is_key_unknown: bool = False) -> None:
        super().__init__([ResponseError(message, extensions={"code": ErrorCode.AUTH_ERROR})], status=status)
        self.is_key_unknown = is_key_unknown


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public (or shared) key, with the algorithms that it may be used with."""

    key: PyJWK
    kid: str | None
    algorithms: frozenset[str]
    source: JwksSource


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


def find_token(headers: Headers, options: JwtOptions) -> str | None:
    """The token that the request carries, None if it carries none.

    Raises:
        AuthenticationError: there is something where a token should be, but it is none.
    """
    for source in options.sources:
        token = _find_cookie(headers, source) if source.is_cookie else _find_header(headers, source, options)
        if token is not None:
            return token
    return None


def verify_token(token: str, keys: Sequence[VerificationKey], *, now_s: float) -> JsonObject:
    """The claims of `token`, which one of `keys` has signed and which holds at `now_s` (Unix seconds).

    Raises:
        AuthenticationError: it is not so; `is_key_unknown` if newer keys could make it so.
    """
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError as error:
        msg = "The JWT header cannot be decoded"
        raise AuthenticationError(msg, BAD_REQUEST) from error
    candidates = _select_keys(header, keys)
    failure: Exception | None = None
    for candidate in candidates:
        try:
            claims = _decode(token, candidate, str(header["alg"]))
        except jwt.PyJWTError as error:
            failure = error
            continue
        _check_claims(claims, candidate.source, now_s)
        return claims
    msg = f"Cannot decode JWT: {type(failure).__name__}"
    raise AuthenticationError(msg) from failure


def read_scopes(claims: JsonObject | None) -> frozenset[str]:
    """The scopes that claims grant: `scope`, a string with spaces or a list."""
    scope = (claims or {}).get("scope")
    if isinstance(scope, str):
        return frozenset(scope.split())
    return (
        frozenset(item for item in scope if isinstance(item, str)) if isinstance(scope, list) else frozenset()
    )


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
        key = PyJWK.from_dict(dict(entry), algorithm=min(algorithms))
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    return VerificationKey(key, kid if isinstance(kid, str) else None, algorithms, source)


def _find_header(headers: Headers, source: TokenSource, options: JwtOptions) -> str | None:
    values = [value for name, value in headers if name == source.name.lower()]
    if not values:
        return None
    if len(values) > 1:
        msg = f"The '{source.name}' header must not be repeated"
        raise AuthenticationError(msg, BAD_REQUEST)
    prefix = f"{source.value_prefix} " if source.value_prefix else ""
    value = values[0].strip()
    if prefix and value[: len(prefix)].lower() != prefix.lower():
        if options.ignore_other_prefixes:
            return None
        msg = f"Value of '{source.name}' JWT header should be prefixed with '{source.value_prefix}'"
        raise AuthenticationError(msg, BAD_REQUEST)
    token = value[len(prefix) :].strip()
    if not token:
        msg = f"Value of '{source.name}' JWT header has only '{source.value_prefix}' prefix but no JWT token"
        raise AuthenticationError(msg, BAD_REQUEST)
    return token


def _find_cookie(headers: Headers, source: TokenSource) -> str | None:
    for name, value in headers:
        if name == "cookie":
            for pair in value.split(";"):
                key, _, token = pair.strip().partition("=")
                if key == source.name and token:
                    return token.strip('"')
    return None


def _select_keys(header: Mapping[str, JsonValue], keys: Sequence[VerificationKey]) -> list[VerificationKey]:
    algorithm, kid = header.get("alg"), header.get("kid")
    named = keys if kid is None else [key for key in keys if key.kid == kid]
    if kid is not None and not named:
        msg = "Cannot find the token's kid in JWKS list"
        raise AuthenticationError(msg, is_key_unknown=True)
    fitting = [key for key in named if algorithm in key.algorithms]
    if not fitting:
        msg = "Cannot find a suitable key for the token in JWKS list"
        raise AuthenticationError(msg, is_key_unknown=not named)
    return fitting


def _decode(token: str, key: VerificationKey, algorithm: str) -> JsonObject:
    # Times, issuer and audience are checked afterwards, against the clock that is handed in.
    options: Options = {
        "verify_signature": True,
        "verify_exp": False,
        "verify_nbf": False,
        "verify_iat": False,
        "verify_aud": False,
        "verify_iss": False,
    }
    return jwt.decode(token, key.key.key, algorithms=[algorithm], options=options)


def _check_claims(claims: JsonObject, source: JwksSource, now_s: float) -> None:
    expires_at, not_before = claims.get("exp"), claims.get("nbf")
    if expires_at is None and not source.allow_missing_exp:
        msg = "Cannot decode JWT: MissingRequiredClaim(exp)"
        raise AuthenticationError(msg)
    if expires_at is not None and not (_is_number(expires_at) and now_s < expires_at + LEEWAY_S):
        msg = "Cannot decode JWT: ExpiredSignature"
        raise AuthenticationError(msg)
    if not_before is not None and not (_is_number(not_before) and now_s >= not_before - LEEWAY_S):
        msg = "Cannot decode JWT: ImmatureSignature"
        raise AuthenticationError(msg)
    if source.issuers and claims.get("iss") not in source.issuers:
        msg = "Invalid issuer: the token's `iss` is not one that its key may speak for"
        raise AuthenticationError(msg, INTERNAL)
    audience = claims.get("aud")
    given = audience if isinstance(audience, list) else [audience]
    if source.audiences and not any(isinstance(each, str) and each in source.audiences for each in given):
        msg = "Invalid audience: the token's `aud` is not one that this router expects"
        raise AuthenticationError(msg)


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
