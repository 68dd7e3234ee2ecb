"""What a call to Google is: its kind, declared where it is built, and the JSON it carries."""

from enum import Enum
from typing import Any

# Google's JSON edge: services turn it into typed models.
type JSON = dict[str, Any]


class CallKind(Enum):
    """What a repetition of the call would do. Guessing it from the HTTP method would send mail twice."""

    READ = "read"
    REPEATABLE_WRITE = "repeatable_write"
    """Labels, trash, an update with an etag, a deletion: twice is the same as once."""
    CREATE = "create"
    SEND = "send"

    @property
    def repeatable(self) -> bool:
        """Whether a lost answer may be answered by sending the request again."""
        return self in (CallKind.READ, CallKind.REPEATABLE_WRITE)
