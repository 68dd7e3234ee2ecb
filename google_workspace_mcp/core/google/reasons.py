"""Google's reasons for saying no, each with our own words and the one next step.

Sources: Drive "Resolve errors", Calendar "Handle API errors", Gmail "Resolve errors", `google.api.ErrorReason`.
"""

from dataclasses import dataclass

from google_workspace_mcp.core.errors import (
    ConflictError,
    GoogleRefusedError,
    InternalError,
    MisconfiguredError,
    NotFoundError,
    RateLimitedError,
    ReauthRequiredError,
    ScopeMissingError,
    TooLargeError,
    UserInputError,
    WorkspaceError,
)

TOKEN_REJECTED = "token_rejected"  # noqa: S105 - a reason, not a token


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: which failure, in which words, and its name in logs and metrics."""

    failure: type[WorkspaceError]
    reason: str
    message: str
    next_step: str

    def error(self, retry_after: float | None = None) -> WorkspaceError:
        wait = retry_after if self.failure.retryable else None
        return self.failure(self.message, next_step=self.next_step, retry_after=wait, reason=self.reason)


RATE_LIMITED = Row(
    RateLimitedError,
    "rate_limit",
    "Google's limit for requests in a short time is used up",
    "Wait, then ask for less at once",
)
_USER_RATE = Row(
    RateLimitedError,
    "user_rate_limit",
    "Google's limit for this account's requests in a short time is used up",
    "Wait, then ask for less at once",
)
_SHARING_RATE = Row(
    RateLimitedError,
    "sharing_rate_limit",
    "Google's limit for sharing messages of this account is used up for now",
    "Share without a notification message, or wait some hours",
)
SCOPE_MISSING = Row(
    ScopeMissingError,
    "scope",
    "The person did not allow this when they connected their Google account",
    "Ask the person to connect the account again and to allow the missing permission",
)
_NOT_ENABLED = Row(
    MisconfiguredError,
    "api_not_enabled",
    "This Google API is not switched on in the operator's Google project",
    "Tell the operator to enable it in the Google Cloud console; trying again does not help",
)
_DAILY_LIMIT = Row(
    MisconfiguredError,
    "daily_limit",
    "The daily limit of the operator's Google project is used up",
    "Tell the operator; it starts anew at midnight Pacific time",
)
_PROJECT = Row(
    MisconfiguredError,
    "project",
    "Google does not accept the operator's Google project for this",
    "Tell the operator to check the project's billing, keys and restrictions",
)
_DOMAIN_POLICY = Row(
    GoogleRefusedError,
    "domain_policy",
    "The administrators of the account's domain do not allow this",
    "Tell the person to ask their Google Workspace administrator; trying again does not help",
)
_NOT_ORGANIZER = Row(
    GoogleRefusedError,
    "not_organizer",
    "Only the organizer of the event may change this",
    "Ask the organizer to make the change, or answer the invitation instead",
)
_NO_DOWNLOAD = Row(
    GoogleRefusedError,
    "no_download",
    "The file's owner does not allow downloading, printing or copying it",
    "Give the person the file's link, or ask the owner",
)
_ABUSIVE = Row(
    GoogleRefusedError,
    "abusive_file",
    "Google has marked this file as malware or abuse and does not hand it out",
    "Do not use the file",
)
_NOT_DOWNLOADABLE = Row(
    GoogleRefusedError,
    "not_downloadable",
    "This is a Google document without bytes of its own",
    "Export it to another format instead of downloading it",
)
_EXPORT_FORMAT = Row(
    GoogleRefusedError,
    "export_format",
    "Google cannot export this kind of document to that format",
    "Choose one of the formats that are listed for the document",
)
_NO_PERMISSION = Row(
    GoogleRefusedError,
    "no_permission",
    "This account may see the item but not do this with it",
    "Ask the item's owner for more rights, or work on a copy",
)
_SHARING_REFUSED = Row(
    GoogleRefusedError,
    "sharing_refused",
    "Google does not allow sharing this item in that way",
    "Choose another person or role, or ask the item's owner",
)
_INHERITED = Row(
    GoogleRefusedError,
    "inherited",
    "That access comes from a folder or a shared drive above, and cannot be changed on this item",
    "Change it on the folder or shared drive that it comes from",
)
_NOT_A_FOLDER = Row(
    UserInputError, "not_a_folder", "Things can be put into folders only", "Give a folder's id, name or path"
)
_INTO_ITSELF = Row(
    UserInputError, "into_itself", "A folder cannot be moved into itself or below itself", "Choose another folder"
)
_NO_REVISIONS = Row(
    GoogleRefusedError, "no_revisions", "Files of this kind have no revisions", "Work with the file as it is now"
)
_STORAGE_FULL = Row(
    GoogleRefusedError,
    "storage_full",
    "The account's or the shared drive's storage at Google is full",
    "Free some space first",
)
_ITEM_LIMIT = Row(
    GoogleRefusedError,
    "item_limit",
    "A limit of Google's for the number of items is reached",
    "Delete or move some items first",
)
_PRECONDITION = Row(
    GoogleRefusedError,
    "failed_precondition",
    "Google cannot do this in the state that the item or account is in",
    "Read the item again; if the account has no Gmail or Calendar, use another one",
)
_EXPORT_TOO_LARGE = Row(
    TooLargeError,
    "export_size",
    "The document is larger than the 10 MB that Google exports",
    "Read a part of it, or give the person its link",
)
_UPLOAD_TOO_LARGE = Row(
    TooLargeError, "upload_size", "This is more than Google accepts at once", "Send less, or a link to a file in Drive"
)
_TIME_RANGE = Row(
    UserInputError, "time_range", "The time range is empty or upside down", "Give an end that is later than the start"
)
_SYNC_EXPIRED = Row(
    NotFoundError,
    "sync_expired",
    "Google no longer keeps changes from that far back",
    "Start again without the earlier position",
)
_GONE = Row(
    NotFoundError,
    "gone",
    "The item has been deleted",
    "Search again; do not use this id any more",
)

BY_REASON: dict[str, Row] = {
    "rateLimitExceeded": RATE_LIMITED,
    "RATE_LIMIT_EXCEEDED": RATE_LIMITED,
    "quotaExceeded": RATE_LIMITED,
    "userRateLimitExceeded": _USER_RATE,
    "sharingRateLimitExceeded": _SHARING_RATE,
    "insufficientPermissions": SCOPE_MISSING,
    "insufficientScopes": SCOPE_MISSING,
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": SCOPE_MISSING,
    "appNotAuthorizedToFile": SCOPE_MISSING,
    "accessNotConfigured": _NOT_ENABLED,
    "SERVICE_DISABLED": _NOT_ENABLED,
    "dailyLimitExceeded": _DAILY_LIMIT,
    "dailyLimitExceededUnreg": _DAILY_LIMIT,
    "BILLING_DISABLED": _PROJECT,
    "CONSUMER_INVALID": _PROJECT,
    "CONSUMER_SUSPENDED": _PROJECT,
    "USER_PROJECT_DENIED": _PROJECT,
    "keyInvalid": _PROJECT,
    "domainPolicy": _DOMAIN_POLICY,
    "forbiddenForNonOrganizer": _NOT_ORGANIZER,
    "cannotDownloadFile": _NO_DOWNLOAD,
    "downloadRestrictedForReadersAndCommenters": _NO_DOWNLOAD,
    "cannotCopyFile": _NO_DOWNLOAD,
    "cannotExportFile": _NO_DOWNLOAD,
    "cannotDownloadAbusiveFile": _ABUSIVE,
    "fileNotDownloadable": _NOT_DOWNLOADABLE,
    "fileNotExportable": _EXPORT_FORMAT,
    "conversionUnsupportedConversionPath": _EXPORT_FORMAT,
    "insufficientFilePermissions": _NO_PERMISSION,
    "insufficientParentPermissions": _NO_PERMISSION,
    "forbidden": _NO_PERMISSION,
    "requiredAccessLevel": _NO_PERMISSION,
    "invalidSharingRequest": _SHARING_REFUSED,
    "shareInNotPermitted": _SHARING_REFUSED,
    "shareOutNotPermitted": _SHARING_REFUSED,
    "shareOutNotPermittedToUser": _SHARING_REFUSED,
    "publishOutNotPermitted": _SHARING_REFUSED,
    "cannotShareTeamDriveTopFolderWithAnyoneOrDomains": _SHARING_REFUSED,
    "ownershipChangeAcrossDomainNotPermitted": _SHARING_REFUSED,
    "cannotModifyInheritedPermission": _INHERITED,
    "parentNotAFolder": _NOT_A_FOLDER,
    "cyclicFolderStructure": _INTO_ITSELF,
    "revisionsNotSupported": _NO_REVISIONS,
    "storageQuotaExceeded": _STORAGE_FULL,
    "teamDriveFileLimitExceeded": _ITEM_LIMIT,
    "numChildrenInNonRootLimitExceeded": _ITEM_LIMIT,
    "activeItemCreationLimitExceeded": _ITEM_LIMIT,
    "failedPrecondition": _PRECONDITION,
    "exportSizeLimitExceeded": _EXPORT_TOO_LARGE,
    "uploadTooLarge": _UPLOAD_TOO_LARGE,
    "timeRangeEmpty": _TIME_RANGE,
    "fullSyncRequired": _SYNC_EXPIRED,
    "updatedMinTooLongAgo": _SYNC_EXPIRED,
    "deleted": _GONE,
}

NOT_FOUND = Row(
    NotFoundError,
    "not_found",
    "There is no such item, or this account may not see it",
    "Search for it and use the id from the result",
)
INTERNAL = Row(
    InternalError,
    "unexpected_status",
    "Google answered in a way that this service does not know",
    "Tell the operator; trying again does not help",
)
BY_STATUS: dict[int, Row] = {
    400: Row(
        UserInputError,
        "bad_request",
        "Google did not accept the arguments",
        "Check the ids, dates and search words, and leave out what is not needed",
    ),
    401: Row(
        ReauthRequiredError,
        TOKEN_REJECTED,
        "Google no longer accepts this account's connection",
        "Ask the person to connect the Google account again",
    ),
    403: Row(
        GoogleRefusedError,
        "forbidden",
        "Google does not allow this for this account",
        "Do not try again; tell the person what was refused",
    ),
    404: NOT_FOUND,
    409: Row(
        ConflictError,
        "conflict",
        "This already exists or is being changed by somebody else",
        "Read the item again before deciding",
    ),
    410: _GONE,
    412: Row(
        ConflictError,
        "changed",
        "The item has changed since it was read",
        "Read it again and decide on what it says now",
    ),
    413: _UPLOAD_TOO_LARGE,
    429: RATE_LIMITED,
}
