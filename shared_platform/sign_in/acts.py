"""What both services' audit trails record about who came in, and how."""

from enum import StrEnum


class SignInAct(StrEnum):
    """One member for each act of or upon an account that is not an administrator's form."""

    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGNED_OUT = "signed_out"
    SESSIONS_ENDED = "sessions_ended"
    INVITED = "invited"
    PASSWORD_SET = "password_set"  # noqa: S105  an act, not a secret
