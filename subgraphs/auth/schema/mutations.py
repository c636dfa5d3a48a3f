"""The root of auth's mutations: each asks the service once and presents the answer or the refusal."""

import strawberry
from strawberry import federation

from subgraphs.auth.schema import access, protection
from subgraphs.auth.schema.payloads import (
    AccountPayload,
    CreateApiKeyPayload,
    EnrollTotpPayload,
    ExchangeApiKeyPayload,
    LoginPayload,
    RefreshTokenPayload,
    RegisterPayload,
    RequestPasswordResetPayload,
    ResetPasswordPayload,
    RevokeSessionsPayload,
    VerifyEmailPayload,
)
from subgraphs.auth.schema.types import WRITE_SCOPE
from subgraphs.common.graphql_types import build_cost

_HASHING = build_cost(50)
_RECENT_MFA = [["recent_mfa"]]


@strawberry.type
class Mutation:
    """The root of auth's mutations."""

    register: RegisterPayload = federation.field(resolver=access.register, directives=[_HASHING])
    login: LoginPayload = federation.field(resolver=access.login, directives=[_HASHING])
    complete_mfa_login: LoginPayload = federation.field(
        resolver=protection.complete_mfa_login, directives=[build_cost(20)]
    )
    refresh_token: RefreshTokenPayload = strawberry.field(resolver=access.refresh_token)
    logout: RevokeSessionsPayload = federation.field(resolver=access.logout, authenticated=True)
    revoke_session: RevokeSessionsPayload = federation.field(
        resolver=access.revoke_session, authenticated=True
    )
    verify_email: VerifyEmailPayload = strawberry.field(resolver=protection.verify_email)
    resend_verification_email: AccountPayload = federation.field(
        resolver=protection.resend_verification_email, authenticated=True
    )
    request_password_reset: RequestPasswordResetPayload = strawberry.field(
        resolver=protection.request_password_reset
    )
    reset_password: ResetPasswordPayload = federation.field(
        resolver=protection.reset_password, directives=[_HASHING]
    )
    change_password: AccountPayload = federation.field(
        resolver=access.change_password, authenticated=True, directives=[_HASHING]
    )
    request_email_change: AccountPayload = federation.field(
        resolver=protection.request_email_change, authenticated=True, directives=[_HASHING]
    )
    enroll_totp: EnrollTotpPayload = federation.field(
        resolver=protection.enroll_totp, authenticated=True, directives=[_HASHING]
    )
    confirm_totp: AccountPayload = federation.field(resolver=protection.confirm_totp, authenticated=True)
    disable_totp: AccountPayload = federation.field(
        resolver=protection.disable_totp, authenticated=True, directives=[_HASHING]
    )
    step_up: LoginPayload = federation.field(
        resolver=protection.step_up,
        authenticated=True,
        description="Step-up: refreshes the access token with a new mfaAt.",
    )
    create_api_key: CreateApiKeyPayload = federation.field(
        resolver=protection.create_api_key, authenticated=True, policy=_RECENT_MFA
    )
    revoke_api_key: AccountPayload = federation.field(resolver=protection.revoke_api_key, authenticated=True)
    exchange_api_key: ExchangeApiKeyPayload = strawberry.field(
        resolver=protection.exchange_api_key,
        description="A short-lived access token for an API key, with the key's scopes.",
    )
    set_user_role: AccountPayload = federation.field(
        resolver=access.set_user_role, requires_scopes=[[WRITE_SCOPE]], policy=_RECENT_MFA
    )
    set_user_status: AccountPayload = federation.field(
        resolver=access.set_user_status, requires_scopes=[[WRITE_SCOPE]]
    )
