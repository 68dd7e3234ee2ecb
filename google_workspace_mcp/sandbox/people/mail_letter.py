"""Builds the sample mail: MIME parts, header fields and the marks that Google's servers leave on arriving messages.

Written by hand rather than by the standard library's generator: boundaries follow from the content, so that every
start gives the same bytes, and any charset or oddity can be written.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.header import Header
from email.utils import format_datetime, formataddr
from urllib.parse import quote

from google_workspace_mcp.core.clock import Clock

type Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who writes or gets mail."""

    name: str
    address: str
    title: str = ""

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    def __str__(self) -> str:
        return formataddr((self.name, self.address), charset="utf-8")


@dataclass(frozen=True, slots=True)
class Part:
    """A MIME part: its fields and its encoded content."""

    fields: tuple[tuple[str, str], ...]
    content: bytes

    def to_bytes(self) -> bytes:
        return _head(self.fields) + b"\r\n" + self.content


@dataclass(frozen=True, slots=True)
class Letter:
    """A message for a mailbox, with the labels it has there."""

    raw: bytes
    date: datetime
    labels: tuple[str, ...] = ("INBOX",)


class Days:
    """Moments counted back from now, at a time of day in the zone of the person whose mail it is."""

    def __init__(self, clock: Clock, zone: str) -> None:
        from zoneinfo import ZoneInfo

        self.now = clock.now().astimezone(ZoneInfo(zone))

    def ago(self, days: int, hour: int = 9, minute: int = 0) -> datetime:
        """That time of day so many days back; today's is never later than a quarter of an hour ago."""
        moment = (self.now - timedelta(days=days)).replace(hour=hour, minute=minute, second=0, microsecond=0)
        return min(moment, self.now.replace(microsecond=0) - timedelta(minutes=15))


def text_part(
    text: str, subtype: str = "plain", charset: str = "utf-8", parameters: str = "", fields: Fields = ()
) -> Part:
    """Text, quoted-printable unless the charset is a 7-bit one."""
    data = text.replace("\r\n", "\n").replace("\n", "\r\n").encode(charset)
    kind = ("Content-Type", f"text/{subtype}; charset={charset}{parameters}")
    if charset == "iso-2022-jp":
        return Part((kind, ("Content-Transfer-Encoding", "7bit"), *fields), data)
    encoded = binascii.b2a_qp(data, istext=True).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return Part((kind, ("Content-Transfer-Encoding", "quoted-printable"), *fields), encoded)


def attachment(name: str, kind: str, data: bytes, content_id: str = "") -> Part:
    """A file; with a content id it is a picture that the HTML shows."""
    fields = [
        ("Content-Type", f"{kind}; {_parameter('name', name)}"),
        ("Content-Disposition", f"{'inline' if content_id else 'attachment'}; {_parameter('filename', name)}"),
        ("Content-Transfer-Encoding", "base64"),
    ]
    if content_id:
        fields.append(("Content-ID", f"<{content_id}>"))
    return Part(tuple(fields), base64.encodebytes(data).replace(b"\n", b"\r\n"))


def multipart(subtype: str, *parts: Part, parameters: str = "") -> Part:
    """Parts within one another; the boundary is a digest of what is inside."""
    blocks = [part.to_bytes() for part in parts]
    boundary = hashlib.sha256(subtype.encode() + b"".join(blocks)).hexdigest()[:28]
    content = b"".join(b"--" + boundary.encode() + b"\r\n" + block + b"\r\n" for block in blocks)
    kind = ("Content-Type", f'multipart/{subtype}; boundary="{boundary}"{parameters}')
    return Part((kind,), content + b"--" + boundary.encode() + b"--\r\n")


def alternative(text: str, html: str) -> Part:
    return multipart("alternative", text_part(text), text_part(html, "html"))


def message(
    body: Part,
    *,
    sender: Who,
    to: Iterable[Who],
    subject: str,
    date: datetime,
    message_id: str,
    cc: Iterable[Who] = (),
    more: Fields = (),
) -> bytes:
    """A whole message as its sender's server sends it off."""
    fields = [
        ("MIME-Version", "1.0"),
        ("Date", format_datetime(date)),
        ("Message-ID", f"<{message_id}>"),
        ("Subject", encoded(subject)),
        ("From", str(sender)),
        ("To", ",\r\n ".join(str(one) for one in to)),
    ]
    copies = ",\r\n ".join(str(one) for one in cc)
    if copies:
        fields.append(("Cc", copies))
    return _head([*fields, *more]) + body.to_bytes()


def arrived(raw: bytes, *, at: datetime, to: str, envelope: str, verdict: str = "pass") -> bytes:
    """The message with Google's fields on top. `verdict` is of SPF, DKIM and DMARC: pass, fail, or none."""
    domain = envelope.rpartition("@")[2]
    token = hashlib.sha256(raw).hexdigest()
    spf = {"pass": "pass", "fail": "softfail", "none": "none"}[verdict]
    results = (
        f"mx.google.com;\r\n       dkim={verdict} header.i=@{domain} header.s=s1 header.b={token[:8]};\r\n"
        f"       spf={spf} (google.com: domain of {envelope}) smtp.mailfrom={envelope};\r\n"
        f"       dmarc={verdict} (p=QUARANTINE sp=QUARANTINE dis=NONE) header.from={domain}"
    )
    stamp = format_datetime(at)
    fields = [
        ("Delivered-To", to),
        (
            "Received",
            f"by 2002:a05:7300:5b06:b0:{token[:3]}:{token[3:7]} with SMTP id {token[7:20]};\r\n        {stamp}",
        ),
        ("Return-Path", f"<{envelope}>"),
        (
            "Received",
            f"from mail.{domain} (mail.{domain}. [203.0.113.{int(token[:2], 16) % 254 + 1}])\r\n"
            f"        by mx.google.com with ESMTPS id {token[20:32]}\r\n        for <{to}>;\r\n        {stamp}",
        ),
        ("Authentication-Results", results),
    ]
    return _head(fields) + raw


def encoded(value: str) -> str:
    """A field value as RFC 2047 wants it."""
    return value if value.isascii() else Header(value, "utf-8", maxlinelen=74).encode(linesep="\r\n")


def _parameter(name: str, value: str) -> str:
    return f'{name}="{value}"' if value.isascii() else f"{name}*=UTF-8''{quote(value)}"


def _head(fields: Fields) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in fields).encode("ascii")
