"""Which tokens are believed, which are not, and how that is said."""

import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from router.policy.authentication import AuthenticationError, find_token, read_keys, read_scopes, verify_token
from router.policy.options import JwksSource, JwtOptions, TokenSource

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


def test_times_hold_with_a_minutes_leeway():
    assert verify(token(), now_s=CLAIMS["exp"] + 59)
    assert refusal(token(), now_s=CLAIMS["exp"] + 60).status == 401
    early = token({**CLAIMS, "nbf": NOW_S + 60})
    assert verify(early)
    assert refusal(early, now_s=NOW_S - 1).status == 401


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
    return find_token((("authorization", value),), JwtOptions((), **options))


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
    assert find_token((("cookie", "x=1; session=abc"),), options) == "abc"
    assert find_token((("cookie", "x=1"),), options) is None


def test_scopes_come_as_text_or_list():
    assert read_scopes({"scope": "a b"}) == {"a", "b"}
    assert read_scopes({"scope": ["a", 1]}) == {"a"}
    assert read_scopes({"scope": 1}) == read_scopes({}) == read_scopes(None) == frozenset()
