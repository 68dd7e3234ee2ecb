"""Files that go with a message: all of them, or none and the reason."""

import asyncio
import base64
import binascii
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from google_workspace_mcp.core.errors import UserInputError, WorkspaceError
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.compose.letter import MOST_BYTES, too_large
from google_workspace_mcp.gmail.compose.parts import File, file_name, media_type

IN_PLACE_BYTES = 256 * 1024
MOST_FILES = 25


class AttachmentArgument(BaseModel):
    """One source of a file: an upload, a Drive file, another message's file, or small content in place."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    upload: Annotated[str, Field(description="id from files_create_upload", max_length=200)] = ""
    drive_file: Annotated[str, Field(description="Drive file id", max_length=256)] = ""
    message: Annotated[str, Field(description="message id, with part", max_length=256)] = ""
    part: Annotated[str, Field(description="part or file name in that message", max_length=300)] = ""
    text: Annotated[str, Field(max_length=IN_PLACE_BYTES)] = ""
    base64: Annotated[str, Field(max_length=IN_PLACE_BYTES * 4 // 3 + 8)] = ""
    name: Annotated[str, Field(max_length=200)] = ""
    mime_type: Annotated[str, Field(max_length=200)] = ""
    inline: Annotated[bool, Field(description="image shown in the HTML by src=cid:NAME")] = False

    @property
    def source(self) -> str:
        """Which of the sources is given. Raises UserInputError for none and for two."""
        given = [kind for kind in ("upload", "drive_file", "message", "text", "base64") if getattr(self, kind)]
        if len(given) != 1:
            raise UserInputError(
                "an attachment is exactly one of upload, drive_file, message, text or base64",
                next_step="Give each file as an entry of its own",
                reason="attachment",
            )
        return given[0]


type Fetch = Callable[[Workspace, AttachmentArgument], Coroutine[Any, Any, File]]


async def attached(
    work: Workspace, wanted: Sequence[AttachmentArgument], sources: Mapping[str, Fetch]
) -> tuple[File, ...]:
    """All the files, fetched at once. Raises UserInputError that says which of them cannot be had, and why.

    `sources` fetch from elsewhere, by the argument's name. Raises TooLargeError when Gmail would not carry them.
    """
    kinds = [argument.source for argument in wanted]
    answers = await asyncio.gather(
        *(_one(work, argument, kind, sources) for argument, kind in zip(wanted, kinds, strict=True)),
        return_exceptions=True,
    )
    files: list[File] = []
    missing: list[str] = []
    for number, answer in enumerate(answers, 1):
        if isinstance(answer, WorkspaceError):
            missing.append(f"attachment {number}: {answer.sentence()}")
        elif isinstance(answer, BaseException):
            raise answer
        else:
            files.append(answer)
    if missing:
        raise UserInputError(
            f"Nothing was done, because not all attachments can be had. {' '.join(missing)}",
            next_step="Correct or leave out what is missing, and call again",
            reason="attachment",
        )
    if sum(len(file.data) for file in files) > MOST_BYTES:
        raise too_large()
    return tuple(files)


async def _one(work: Workspace, argument: AttachmentArgument, kind: str, sources: Mapping[str, Fetch]) -> File:
    file = await sources[kind](work, argument) if kind in sources else _in_place(argument)
    name = file_name(argument.name or file.name)
    given_type = media_type(argument.mime_type) if argument.mime_type else file.mime_type
    if not argument.inline:
        return File(name, given_type, file.data)
    if not given_type.startswith("image/"):
        raise UserInputError("only images can stand in the text", next_step="Attach it without inline", reason="inline")
    # Angle brackets and spaces would end the Content-ID.
    return File(name, given_type, file.data, content_id="".join(c for c in name if c.isascii() and c not in '<> "\\'))


def _in_place(argument: AttachmentArgument) -> File:
    if not argument.name:
        raise UserInputError("content in place needs a name", next_step="Add name", reason="attachment_name")
    if argument.text:
        data = argument.text.encode("utf-8", "replace")
        return File(argument.name, "text/plain", data)
    try:
        data = base64.b64decode(argument.base64, validate=True)
    except (binascii.Error, ValueError):
        raise UserInputError(
            "base64 is damaged", next_step="Use standard base64 with padding, or files_create_upload", reason="base64"
        ) from None
    if len(data) > IN_PLACE_BYTES:
        raise UserInputError(
            f"content in place is at most {IN_PLACE_BYTES // 1024} KiB",
            next_step="Use files_create_upload for larger files",
            reason="attachment_size",
        )
    return File(argument.name, "application/octet-stream", data)
