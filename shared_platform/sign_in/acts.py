"""What both services' audit trails record about who came in, and how."""

from enum import StrEnum


class SignInAct(StrEnum):
    """One member for each act of or upon an account that is not an administrator's form."""

    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGN_IN_LOCKED = "sign_in_locked"
    SIGNED_OUT = "signed_out"
    SESSIONS_ENDED = "sessions_ended"
    INVITED = "invited"
    RECOVERY_ASKED = "recovery_asked"
    PASSWORD_SET = "password_set"  # noqa: S105  an act, not a secret
    SECOND_FACTOR_SET = "second_factor_set"
    SECOND_FACTOR_REFUSED = "second_factor_refused"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    IDENTITY_LINKED = "identity_linked"
    OWN_TOKEN_ISSUED = "own_token_issued"  # noqa: S105
    ACCOUNT_DORMANT = "account_dormant"
    OWN_TOKEN_REVOKED = "own_token_revoked"  # noqa: S105
