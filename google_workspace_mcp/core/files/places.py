"""Places for uploads: what is declared, what has come, and how much one principal may have waiting."""

from typing import Final

from pydantic import BaseModel, ConfigDict

from google_workspace_mcp.core.errors import ConflictError, NotFoundError, TooLargeError, UserInputError
from google_workspace_mcp.core.http.body import UPLOAD_LIMIT

MOST_BYTES: Final = UPLOAD_LIMIT
MOST_PENDING: Final = 2**30
MOST_PLACES: Final = 100
LIFE_SECONDS: Final = 3600


class Place(BaseModel):
    """One upload. `claims` is what is counted for it: what came, or while it comes all that may.

    `declared_size` 0 and `declared_sha256` "" leave these open. `sha256` is there once everything has come.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    media_type: str
    expires: int
    declared_size: int = 0
    declared_sha256: str = ""
    claims: int = 0
    attempt: str = ""
    size: int = 0
    sha256: str = ""

    @property
    def received(self) -> bool:
        return bool(self.sha256)

    @property
    def most(self) -> int:
        return self.declared_size or MOST_BYTES


class Book(BaseModel):
    """A principal's places."""

    model_config = ConfigDict(frozen=True)

    places: tuple[Place, ...] = ()

    def find(self, upload_id: str) -> Place | None:
        return next((place for place in self.places if place.id == upload_id), None)

    def without(self, upload_id: str) -> "Book":
        return Book(places=tuple(place for place in self.places if place.id != upload_id))

    def replacing(self, place: Place, now: float) -> "Book":
        """With this place in it, and without what is over. Raises TooLargeError when it would be too much."""
        others = tuple(each for each in self.without(place.id).places if each.expires > now)
        if len(others) >= MOST_PLACES or sum(each.claims for each in others) + place.claims > MOST_PENDING:
            raise TooLargeError(
                f"More than {MOST_PENDING // 2**20} MiB or {MOST_PLACES} uploads would wait to be used",
                next_step="Use those there are; what is not used within its hour is dropped",
                reason="uploads_pending",
            )
        return Book(places=(*others, place))

    def live(self, upload_id: str, now: float) -> Place:
        """The place whose hour is not over. Raises NotFoundError."""
        place = self.find(upload_id)
        if place is None or place.expires <= now:
            raise NotFoundError(
                "There is no such upload of yours, or its hour is over",
                next_step="Make a new one with files_create_upload and send the bytes again",
                reason="upload_gone",
            )
        return place


def too_large(most: int) -> TooLargeError:
    """The failure for more bytes than may come."""
    words = f"{most // 2**20} MiB" if most == MOST_BYTES else f"the {most} bytes that were declared"
    return TooLargeError(
        f"An upload may have at most {words}", next_step="Send less, or split the file", reason="upload_size"
    )


def filled() -> ConflictError:
    """The failure for bytes that come a second time."""
    return ConflictError(
        "This address has been used: the upload is complete",
        next_step="Pass its upload_id to the tool that needs the file; a new upload needs a new address",
        reason="uploadfilled",
    )


def differs(words: str, reason: str) -> UserInputError:
    """The failure for bytes that are not those that were declared."""
    return UserInputError(words, next_step="Send the whole file again to the same address", reason=f"upload_{reason}")
