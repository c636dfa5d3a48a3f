"""Links that work for whoever has them: signed for one purpose with the services' secret."""

import hashlib
import hmac


def sign_link(secret: str, what: str) -> str:
    """The signature of a link: `what` names the purpose and the thing, so that a link for one is none for another."""
    return hmac.new(secret.encode(), what.encode(), hashlib.sha256).hexdigest()


def is_link_signed(signature: str, secret: str, what: str) -> bool:
    """Whether a signature is the one of `what`; takes as long whatever is wrong with it."""
    return hmac.compare_digest(signature.encode(errors="replace"), sign_link(secret, what).encode())
