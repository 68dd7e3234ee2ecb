"""Every failure this service can report, as one tree.

    WorkspaceError                      code, retryable, message, next step; the words a model may see
    ├── UserInputError                  invalid_argument      the caller sent something that cannot be meant
    ├── NotFoundError                   not_found             no such item, or not the caller's
    ├── AmbiguousNameError              ambiguous_name        a name that fits several items; nothing was done
    ├── NotConnectedError               not_connected         no Google account under that name for this caller
    ├── ReauthRequiredError             reauth_required       the grant is gone; the person must connect again
    ├── ScopeMissingError               scope_missing         the person did not allow this
    ├── PolicyRefusedError              refused_by_policy     the operator does not allow this
    ├── GoogleRefusedError              google_refused        Google understood and said no, for good
    ├── ConflictError                   conflict              the item changed since it was read
    ├── InProgressError                 in_progress           the same request is being carried out elsewhere
    ├── TooLargeError                   too_large             more than Google or this service carries
    ├── RateLimitedError                rate_limited          wait `retry_after` seconds
    ├── GoogleUnavailableError          google_unavailable    Google failed or did not answer; nothing was changed
    ├── OutcomeUnknownError             outcome_unknown       a write was sent and its answer was lost
    │   └── NotSentError                not_sent              so was mail, but it lies unsent among the drafts
    ├── MisconfiguredError              misconfigured         only the operator can mend it
    ├── UnavailableError                unavailable           this service's own store or keys do not answer
    └── InternalError                   internal              a defect of this service

Each class owns its code, whether the same call may be tried again, and whose fault it is: the caller's (what was asked
cannot be, or not now), Google's, or the service's, which is what its service level counts. Messages are our own words:
never Google's text, an exception's text or an echo of the input, because they are read by a model that believes them.
"""

from typing import ClassVar, Literal

type Fault = Literal["caller", "google", "service"]


class WorkspaceError(Exception):
    """A failure in words that a model or a person can act on.

    `message` says what happened, `next_step` the one thing to do about it, `retry_after` (seconds) when the same
    call may succeed. `reason` is a short machine-readable cause for logs and metrics, from a fixed vocabulary.
    `fault` may differ from the class's where the same failure has another cause, such as the end of this process.
    `link` is an address for the person, already part of `next_step`, where opening it is what mends the failure.
    """

    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = False
    http_status: ClassVar[int] = 500
    fault: Fault = "caller"

    def __init__(
        self,
        message: str,
        *,
        next_step: str = "",
        retry_after: float | None = None,
        reason: str = "",
        link: str = "",
        fault: Fault | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step
        self.retry_after = retry_after
        self.reason = reason
        self.link = link
        if fault is not None:
            self.fault = fault

    def sentence(self) -> str:
        """One line for the model: the message, the next step, and when to try again."""
        parts = [self.message.rstrip(".") + "."]
        if self.retryable:
            wait = f" after {max(1, round(self.retry_after))} s" if self.retry_after else ""
            parts.append(f"The same call may be tried again{wait}.")
        if self.next_step:
            # Nothing may stick to an address at the end: programs that make it clickable would take it along.
            parts.append(self.next_step if self.link else self.next_step.rstrip(".") + ".")
        return " ".join(parts)


class UserInputError(WorkspaceError):
    code = "invalid_argument"
    http_status = 400


class NotFoundError(WorkspaceError):
    code = "not_found"
    http_status = 404


class AmbiguousNameError(WorkspaceError):
    code = "ambiguous_name"
    http_status = 409


class NotConnectedError(WorkspaceError):
    code = "not_connected"
    http_status = 403


class ReauthRequiredError(WorkspaceError):
    code = "reauth_required"
    http_status = 403


class ScopeMissingError(WorkspaceError):
    """`capability` names the one that is missing, where this service knows it."""

    code = "scope_missing"
    http_status = 403

    def __init__(
        self,
        message: str,
        *,
        next_step: str = "",
        retry_after: float | None = None,
        reason: str = "",
        link: str = "",
        capability: str = "",
    ) -> None:
        super().__init__(message, next_step=next_step, retry_after=retry_after, reason=reason, link=link)
        self.capability = capability


class PolicyRefusedError(WorkspaceError):
    code = "refused_by_policy"
    http_status = 403


class GoogleRefusedError(WorkspaceError):
    code = "google_refused"
    http_status = 422


class ConflictError(WorkspaceError):
    code = "conflict"
    http_status = 409


class InProgressError(WorkspaceError):
    code = "in_progress"
    retryable = True
    http_status = 409


class TooLargeError(WorkspaceError):
    code = "too_large"
    http_status = 413


class RateLimitedError(WorkspaceError):
    code = "rate_limited"
    retryable = True
    http_status = 429


class GoogleUnavailableError(WorkspaceError):
    code = "google_unavailable"
    retryable = True
    http_status = 503
    fault = "google"


class OutcomeUnknownError(WorkspaceError):
    code = "outcome_unknown"
    http_status = 502
    # Whatever lost the answer, it is this service that cannot tell its caller what has happened.
    fault = "service"


class NotSentError(OutcomeUnknownError):
    code = "not_sent"
    http_status = 502
    # What became of it was found out.
    fault = "google"


class MisconfiguredError(WorkspaceError):
    code = "misconfigured"
    http_status = 500
    fault = "service"


class UnavailableError(WorkspaceError):
    code = "unavailable"
    retryable = True
    http_status = 503
    fault = "service"


class InternalError(WorkspaceError):
    code = "internal"
    fault = "service"


def store_failed() -> UnavailableError:
    """This service's own store fails, in words: try again shortly, never sign in again."""
    return UnavailableError("This service's own store does not answer", retry_after=5, reason="store")
