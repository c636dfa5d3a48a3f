"""Which tokens are believed, which are not, and how that is said."""

import hmac
import json

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from router.config.router_yaml import read_router_config
from router.policy.authentication import AuthenticationError, find_token, read_scopes
from router.policy.options import JwksSource, JwtOptions, TokenSource
from router.policy.signatures import KEYS_MAX, read_keys, verify_token

NOW_S = 1_700_000_000
ED_KEY = Ed25519PrivateKey.generate()
RSA_KEY = rsa.generate_private_key(65537, 2048)
SOURCE = JwksSource("file:///k", issuers=frozenset({"iss"}), audiences=frozenset({"aud"}))
CLAIMS = {"sub": "u", "iss": "iss", "aud": "aud", "exp": NOW_S + 100}


def jwk(key, algorithm, **more):
    return {**json.loads(algorithm.to_jwk(key.public_key())), **more}


ED_JWK = jwk(ED_KEY, jwt.algorithms.OKPAlgorithm, kid="ed", use="sig", alg="EdDSA")
RSA_JWK = jwk(RSA_KEY, jwt.algorithms.RSAAlgorithm, kid="rsa")


def keys(*entries, source=SOURCE):
    return read_keys({"keys": list(entries)}, source)


def token(claims=CLAIMS, key=ED_KEY, algorithm="EdDSA", **headers):
    return jwt.encode(claims, key, algorithm, headers={"kid": "ed", **headers})


def token_of(changes):
    """A token that is signed as it should be, with other claims; PyJWT would refuse to make some of them."""
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    return jwt.api_jws.encode(json.dumps(claims).encode(), ED_KEY, "EdDSA", headers={"kid": "ed"})


def verify(text, known=None, now_s=NOW_S):
    return verify_token(text, keys(ED_JWK, RSA_JWK) if known is None else known, now_s=now_s)


def refusal(text, known=None, now_s=NOW_S):
    with pytest.raises(AuthenticationError) as caught:
        verify(text, known, now_s)
    assert text not in str(caught.value)
    return caught.value


def test_a_token_of_a_known_key_gives_its_claims():
    assert verify(token()) == CLAIMS
    assert verify(token(key=RSA_KEY, algorithm="RS256", kid="rsa")) == CLAIMS


def test_of_a_private_key_the_public_one_is_taken():
    for key, algorithm, kind in (
        (RSA_KEY, "RS256", jwt.algorithms.RSAAlgorithm),
        (ED_KEY, "EdDSA", jwt.algorithms.OKPAlgorithm),
    ):
        known = keys({**json.loads(kind.to_jwk(key)), "kid": "k"})
        assert verify(token(key=key, algorithm=algorithm, kid="k"), known) == CLAIMS


def test_a_token_without_a_key_id_is_tried_on_every_fitting_key():
    assert verify(jwt.encode(CLAIMS, ED_KEY, "EdDSA")) == CLAIMS


def test_a_signature_of_another_key_is_refused():
    assert refusal(token(key=Ed25519PrivateKey.generate())).status == 401


def test_an_unknown_key_id_asks_for_newer_keys():
    error = refusal(token(kid="new"))
    assert (error.status, error.is_key_unknown) == (401, True)


def test_no_algorithm_and_a_public_key_as_a_secret_are_refused():
    unsigned = jwt.encode(CLAIMS, None, "none", headers={"kid": "rsa"})
    assert refusal(unsigned).status == 401
    confused = jwt.encode(CLAIMS, RSA_JWK["n"], "HS256", headers={"kid": "rsa"})
    assert refusal(confused).status == 401


def test_only_algorithms_of_the_list_are_used():
    source = JwksSource("file:///k", algorithms=frozenset({"RS256"}))
    text = token(key=RSA_KEY, algorithm="RS512", kid="rsa")
    assert refusal(text, keys(RSA_JWK, source=source)).status == 401
    assert verify(text, keys(RSA_JWK, source=JwksSource("file:///k"))) == CLAIMS


def test_the_leeway_may_be_another():
    exact = keys(ED_JWK, source=JwksSource("file:///k", leeway_s=5))
    assert verify(token(), exact, now_s=CLAIMS["exp"] + 4)
    assert refusal(token(), exact, now_s=CLAIMS["exp"] + 5).status == 401
    given = {"jwks": [{"url": "file:///k", "leeway": "5s"}, {"url": "file:///k"}]}
    options = read_router_config({"authentication": {"router": {"jwt": given}}}, {}).pipeline.jwt
    assert [each.leeway_s for each in options.jwks] == [5, 60]


def test_times_that_no_clock_shows_are_compared_as_they_are():
    far = 10**400
    assert verify(token({**CLAIMS, "exp": far, "nbf": -far}))["exp"] == far
    for faulty in ({"exp": -far}, {"nbf": far}):
        assert refusal(token({**CLAIMS, **faulty})).status == 401


def test_times_hold_with_a_minutes_leeway():
    assert verify(token(), now_s=CLAIMS["exp"] + 59)
    assert refusal(token(), now_s=CLAIMS["exp"] + 60).status == 401
    early = token({**CLAIMS, "nbf": NOW_S + 60})
    assert verify(early)
    assert refusal(early, now_s=NOW_S - 1).status == 401


def test_names_may_be_numbers_as_in_apollo_router():
    assert verify(token_of({"sub": 7, "jti": 8}))["sub"] == 7


def test_a_token_must_end_unless_the_source_says_otherwise():
    endless = token({k: v for k, v in CLAIMS.items() if k != "exp"})
    assert refusal(endless).status == 401
    assert verify(endless, keys(ED_JWK, source=JwksSource("file:///k", allow_missing_exp=True)))


def test_a_foreign_audience_is_401_and_a_foreign_issuer_500_as_apollos():
    assert refusal(token({**CLAIMS, "aud": "other"})).status == 401
    assert verify(token({**CLAIMS, "aud": ["x", "aud"]}))
    assert refusal(token({**CLAIMS, "iss": "other"})).status == 500


def test_what_is_no_token_is_400():
    error = refusal("nonsense")
    assert error.status == 400
    assert error.errors[0].extensions == {"code": "AUTH_ERROR"}


def test_keys_for_encryption_and_of_unknown_kinds_are_left_out():
    assert keys({**ED_JWK, "use": "enc"}, {"kty": "X"}, {"kty": "RSA", "n": "!"}, 3) == ()
    for document in ([], {}, {"keys": {}}, "x"):
        with pytest.raises(ValueError, match="JWKS"):
            read_keys(document, SOURCE)


def header(value, **options):
    found = find_token((("authorization", value),), JwtOptions((), **options))
    return None if found is None else found[0]


def test_the_token_is_found_after_its_prefix_whatever_its_case():
    assert header("Bearer abc") == "abc"
    assert header("bearer abc") == "abc"
    assert find_token((), JwtOptions(())) is None


@pytest.mark.parametrize("value", ["Basic abc", "abc", "Bearer", "Bearer  "])
def test_something_else_where_a_token_should_be_is_400(value):
    with pytest.raises(AuthenticationError) as caught:
        header(value)
    assert caught.value.status == 400


def test_other_prefixes_can_be_left_to_others():
    assert header("Basic abc", ignore_other_prefixes=True) is None


def test_two_tokens_in_one_request_are_refused():
    with pytest.raises(AuthenticationError):
        find_token((("authorization", "Bearer a"), ("authorization", "Bearer b")), JwtOptions(()))


def test_a_cookie_can_carry_the_token():
    options = JwtOptions((), sources=(TokenSource("authorization"), TokenSource("session", is_cookie=True)))
    assert find_token((("cookie", "x=1; session=abc"),), options) == ("abc", options.sources[1])
    assert find_token((("cookie", "x=1"),), options) is None


def refuse_headers(*headers):
    options = JwtOptions((), sources=(TokenSource("authorization"), TokenSource("session", is_cookie=True)))
    with pytest.raises(AuthenticationError) as caught:
        find_token(headers, options)
    return caught.value.status, caught.value.kind


def test_of_two_places_the_first_decides_and_a_bad_first_is_not_passed_over():
    options = JwtOptions((), sources=(TokenSource("authorization"), TokenSource("session", is_cookie=True)))
    both = (("cookie", "session=second"), ("authorization", "Bearer first"))
    assert find_token(both, options) == ("first", options.sources[0])
    assert refuse_headers(("authorization", "Basic x"), ("cookie", "session=second")) == (
        400,
        "INVALID_PREFIX",
    )


def test_a_cookie_that_comes_twice_is_refused_unless_it_says_the_same():
    assert refuse_headers(("cookie", "session=a; session=b")) == (400, "INVALID_HEADER")
    assert refuse_headers(("cookie", "session=a"), ("cookie", "session=b")) == (400, "INVALID_HEADER")
    options = JwtOptions((), sources=(TokenSource("session", is_cookie=True),))
    assert find_token((("cookie", 'session=a; session="a"'),), options) == ("a", options.sources[0])


def encode_raw(header, payload, key=None):
    signed = b".".join(jwt.utils.base64url_encode(part) for part in (header, payload))
    signature = key.sign(signed) if key is not None else b""
    return (signed + b"." + jwt.utils.base64url_encode(signature)).decode()


def cut(text):
    """The token with half of its signature."""
    signed, _, signature = text.rpartition(".")
    half = jwt.utils.base64url_decode(signature)[:32]
    return f"{signed}.{jwt.utils.base64url_encode(half).decode()}"


PAYLOAD = json.dumps(CLAIMS).encode()
PEM = RSA_KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


def sign_with_hmac(secret, header):
    signed = b".".join(jwt.utils.base64url_encode(part) for part in (header, PAYLOAD))
    digest = hmac.new(secret, signed, "sha256").digest()
    return (signed + b"." + jwt.utils.base64url_encode(digest)).decode()


@pytest.mark.parametrize(
    ("attack", "text", "status", "kind"),
    [
        ("none", encode_raw(b'{"alg":"none","kid":"ed"}', PAYLOAD), 401, "CANNOT_FIND_SUITABLE_KEY"),
        ("none without kid", encode_raw(b'{"alg":"none"}', PAYLOAD), 401, "CANNOT_FIND_SUITABLE_KEY"),
        ("None", encode_raw(b'{"alg":"None","kid":"ed"}', PAYLOAD), 401, "CANNOT_FIND_SUITABLE_KEY"),
        ("no alg", encode_raw(b'{"kid":"ed"}', PAYLOAD), 401, "CANNOT_FIND_SUITABLE_KEY"),
        (
            "alg as list",
            encode_raw(b'{"alg":["EdDSA"],"kid":"ed"}', PAYLOAD, ED_KEY),
            401,
            "CANNOT_FIND_SUITABLE_KEY",
        ),
        (
            "public key as secret",
            sign_with_hmac(PEM, b'{"alg":"HS256","kid":"rsa"}'),
            401,
            "CANNOT_FIND_SUITABLE_KEY",
        ),
        ("the same without kid", sign_with_hmac(PEM, b'{"alg":"HS256"}'), 401, "CANNOT_FIND_SUITABLE_KEY"),
        (
            "kid is a path",
            encode_raw(b'{"alg":"EdDSA","kid":"../../dev/null"}', PAYLOAD),
            401,
            "CANNOT_FIND_KID",
        ),
        ("kid is SQL", encode_raw(b'{"alg":"EdDSA","kid":"x\' OR 1=1"}', PAYLOAD), 401, "CANNOT_FIND_KID"),
        ("kid is a number", encode_raw(b'{"alg":"EdDSA","kid":1}', PAYLOAD), 400, "INVALID_HEADER"),
        ("kid is an object", encode_raw(b'{"alg":"EdDSA","kid":{"a":1}}', PAYLOAD), 400, "INVALID_HEADER"),
        (
            "its own key",
            encode_raw(b'{"alg":"EdDSA","kid":"ed","jwk":{"kty":"oct","k":"eA"}}', PAYLOAD),
            401,
            "CANNOT_DECODE_JWT",
        ),
        (
            "keys from elsewhere",
            encode_raw(b'{"alg":"EdDSA","kid":"ed","jku":"http://evil"}', PAYLOAD),
            401,
            "CANNOT_DECODE_JWT",
        ),
        (
            "unknown crit",
            encode_raw(b'{"alg":"EdDSA","kid":"ed","crit":["x"],"x":1}', PAYLOAD, ED_KEY),
            400,
            "INVALID_HEADER",
        ),
        (
            "claims are a list",
            encode_raw(b'{"alg":"EdDSA","kid":"ed"}', b"[]", ED_KEY),
            401,
            "CANNOT_DECODE_JWT",
        ),
        (
            "claims are no JSON",
            encode_raw(b'{"alg":"EdDSA","kid":"ed"}', b"{", ED_KEY),
            401,
            "CANNOT_DECODE_JWT",
        ),
        (
            "deep claims",
            encode_raw(b'{"alg":"EdDSA","kid":"ed"}', b"[" * 30_000, ED_KEY),
            401,
            "CANNOT_DECODE_JWT",
        ),
        ("deep header", encode_raw(b'{"a":' * 9_000, PAYLOAD), 400, "INVALID_HEADER"),
        ("header is a list", encode_raw(b"[]", PAYLOAD), 400, "INVALID_HEADER"),
        ("no signature", token().rpartition(".")[0] + ".", 401, "CANNOT_DECODE_JWT"),
        ("cut signature", cut(token()), 401, "CANNOT_DECODE_JWT"),
        ("two dots only", "..", 400, "INVALID_HEADER"),
        ("five parts", "a.b.c.d.e", 400, "INVALID_HEADER"),
        ("expired", token({**CLAIMS, "exp": NOW_S - 61}), 401, "CANNOT_DECODE_JWT"),
        ("never ends", token_of({"exp": None}), 401, "CANNOT_DECODE_JWT"),
        ("ends in a word", token_of({"exp": "never"}), 401, "CANNOT_DECODE_JWT"),
        ("ends with true", token_of({"exp": True}), 401, "CANNOT_DECODE_JWT"),
        ("begins in a word", token_of({"nbf": "x"}), 401, "CANNOT_DECODE_JWT"),
        ("no audience", token_of({"aud": None}), 401, "INVALID_AUDIENCE"),
        ("audience in an object", token_of({"aud": [{"aud": "aud"}]}), 401, "INVALID_AUDIENCE"),
        ("no issuer", token_of({"iss": None}), 500, "INVALID_ISSUER"),
        ("issuer in a list", token_of({"iss": ["iss"]}), 500, "INVALID_ISSUER"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 30 else "",
)
def test_attacks(attack, text, status, kind):
    error = refusal(text)
    assert (error.status, error.kind) == (status, kind), attack


def test_why_a_token_cannot_be_decoded_is_told_as_apollo_router_tells_it():
    expired = refusal(token({**CLAIMS, "exp": NOW_S - 61}))
    assert (str(expired), expired.reason) == ("Cannot decode JWT: ExpiredSignature", "EXPIRED_SIGNATURE")
    forged = refusal(token(key=Ed25519PrivateKey.generate()))
    assert (str(forged), forged.reason) == ("Cannot decode JWT: InvalidSignature", "INVALID_SIGNATURE")
    endless = refusal(token_of({"exp": None}))
    assert (str(endless), endless.reason) == (
        "Cannot decode JWT: MissingRequiredClaim(exp)",
        "MISSING_REQUIRED_CLAIM",
    )


def test_a_key_of_one_curve_takes_no_algorithm_of_another():
    key = ec.generate_private_key(ec.SECP384R1())
    known = keys(jwk(key, jwt.algorithms.ECAlgorithm, kid="ec"))
    assert verify(token(key=key, algorithm="ES384", kid="ec"), known) == CLAIMS
    other = ec.generate_private_key(ec.SECP256R1())
    assert refusal(token(key=other, algorithm="ES256", kid="ec"), known).status == 401


def test_of_a_huge_document_a_bounded_number_of_keys_is_read():
    entries = [{**ED_JWK, "kid": str(i)} for i in range(KEYS_MAX + 1)]
    assert [key.kid for key in keys(*entries)] == [str(i) for i in range(KEYS_MAX)]


def test_one_key_may_be_named_for_several_issuers():
    both = (
        *keys(ED_JWK, source=JwksSource("file:///a", issuers=frozenset({"a"}))),
        *keys(ED_JWK, source=JwksSource("file:///b", issuers=frozenset({"b"}))),
    )
    for issuer in ("a", "b"):
        assert verify(token_of({"iss": issuer}), both)["iss"] == issuer
    assert refusal(token_of({"iss": "c"}), both).status == 500


def test_scopes_come_as_text_or_list():
    assert read_scopes({"roles": "a b"}, "roles") == {"a", "b"}
    assert read_scopes({"scope": "a b"}) == {"a", "b"}
    assert read_scopes({"scope": ["a", 1]}) == {"a"}
    assert read_scopes({"scope": 1}) == read_scopes({}) == read_scopes(None) == frozenset()
