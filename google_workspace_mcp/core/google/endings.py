"""Why Google ended a grant, as far as it tells: a short code to store, and the words for a person.

The token endpoint answers `invalid_grant` to every dead refresh token. Its `error_subtype` and a few phrases of its
`error_description` tell some causes apart; a withdrawal, a changed password and six idle months all read "Token has
been expired or revoked." (Google, "Using OAuth 2.0 to access Google APIs", refresh token expiration).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from google_workspace_mcp.core.google.answers import GoogleError

INVALID_GRANT: Final = "invalid_grant"
SESSION_POLICY: Final = "session_policy"
ORGANISATION_POLICY: Final = "organisation_policy"
ACCOUNT_GONE: Final = "account_gone"
TESTING_WEEK: Final = "testing_week"

_WEEK = timedelta(days=7)
# The first refresh after the week may come a day late, when nobody called in between.
_ABOUT_A_WEEK = _WEEK + timedelta(days=1)
_CONNECT_AGAIN = "Connect the account again"

# Looked for in the subtype and in the description, in this order.
_SIGNS: Final = (
    ("invalid_rapt", SESSION_POLICY),
    ("rapt_required", SESSION_POLICY),
    ("admin_policy_enforced", ORGANISATION_POLICY),
    ("access_not_configured_by_admin", ORGANISATION_POLICY),
    ("account restricted", ORGANISATION_POLICY),
    ("account has been deleted", ACCOUNT_GONE),
    ("account_deleted", ACCOUNT_GONE),
    ("account has been disabled", ACCOUNT_GONE),
    ("account_disabled", ACCOUNT_GONE),
    ("user_suspended", ACCOUNT_GONE),
)


@dataclass(frozen=True, slots=True)
class Ending:
    """A cause in words, and the one thing to do about it."""

    words: str
    next_step: str


_ENDINGS: Final = {
    INVALID_GRANT: Ending(
        "Google has ended the permission: it was taken back, the account's password was changed, or it was not used "
        "for six months",
        _CONNECT_AGAIN,
    ),
    SESSION_POLICY: Ending(
        "The account's organisation asks for a new sign-in from time to time, and the time is up", _CONNECT_AGAIN
    ),
    ORGANISATION_POLICY: Ending(
        "The administrators of the account's organisation have withdrawn access for this service",
        "Ask the organisation's Google Workspace administrator, then connect the account again",
    ),
    ACCOUNT_GONE: Ending(
        "The Google account has been deleted or suspended", "Disconnect it, or connect it again once it is restored"
    ),
    TESTING_WEEK: Ending(
        "Google has ended the permission a week after it was given, as it does while the operator's Google project is "
        "in testing mode",
        f"{_CONNECT_AGAIN}, and ask the operator to publish the project's consent screen",
    ),
}


def cause_of(error: GoogleError) -> str:
    """The code of the cause that an `invalid_grant` answer tells; the plain one when it tells nothing more."""
    told = " ".join((*error.reasons[1:], error.message)).casefold()
    return next((cause for sign, cause in _SIGNS if sign in told), INVALID_GRANT)


def with_age(cause: str, granted_at: datetime, now: datetime) -> str:
    """The cause, made more likely by the grant's age: what ends plainly after just a week ended by testing mode."""
    week = cause == INVALID_GRANT and _WEEK <= now - granted_at < _ABOUT_A_WEEK
    return TESTING_WEEK if week else cause


def explain(cause: str) -> Ending:
    """The words for a stored code; a code of another version reads like the plain one."""
    return _ENDINGS.get(cause, _ENDINGS[INVALID_GRANT])
