"""What a person has set in Gmail: out-of-office, who mail goes out as, forwarding, language, IMAP and POP."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from google_workspace_mcp.core.content.characters import clean, clean_line
from google_workspace_mcp.core.content.html import visible_text
from google_workspace_mcp.core.content.lines import one_line
from google_workspace_mcp.core.content.times import start_of_day
from google_workspace_mcp.core.errors import UserInputError, WorkspaceError
from google_workspace_mcp.core.google.calls import CallKind
from google_workspace_mcp.core.tools.workspace import Workspace, Zone
from google_workspace_mcp.gmail.compose.body import BodyFormat, body_of

_LONGEST_SUBJECT = 500
_SHOWN = 2_000


@dataclass(frozen=True, slots=True)
class Vacation:
    """The out-of-office reply. Days are whole ones in the person's zone, the last one included."""

    on: bool
    subject: str = ""
    body: str = ""
    first_day: str = ""
    last_day: str = ""
    contacts_only: bool = False
    domain_only: bool = False


@dataclass(frozen=True, slots=True)
class SendAs:
    """An address to send from."""

    address: str
    name: str
    default: bool
    signature: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class MailSettings:
    """All that is asked for at once; what Gmail would not tell is in `unknown`."""

    vacation: Vacation
    send_as: tuple[SendAs, ...]
    forwarding_to: str
    forwarding_addresses: tuple[str, ...]
    language: str
    imap: bool
    pop: bool
    unknown: tuple[str, ...]


async def settings_of(work: Workspace, zone: Zone) -> MailSettings:
    """The account's settings, in one step. Raises the first failure when none of them can be had."""
    gmail = work.google.gmail
    requests = {
        "vacation": gmail.settings.getVacation(userId="me"),
        "send-as": gmail.send_as.list(userId="me"),
        "forwarding": gmail.settings.getAutoForwarding(userId="me"),
        "forwarding addresses": gmail.forwarding_addresses.list(userId="me"),
        "language": gmail.settings.getLanguage(userId="me"),
        "IMAP": gmail.settings.getImap(userId="me"),
        "POP": gmail.settings.getPop(userId="me"),
    }
    answers = dict(zip(requests, await work.google.execute_many(list(requests.values())), strict=True))
    failures = [answer for answer in answers.values() if isinstance(answer, WorkspaceError)]
    if len(failures) == len(answers):
        raise failures[0]
    had = {name: {} if isinstance(answer, WorkspaceError) else answer for name, answer in answers.items()}
    forwarding = had["forwarding"]
    return MailSettings(
        vacation=_vacation(had["vacation"], zone),
        send_as=tuple(map(_send_as, had["send-as"].get("sendAs") or ())),
        forwarding_to=clean_line(str(forwarding.get("emailAddress") or "")) if forwarding.get("enabled") else "",
        forwarding_addresses=tuple(
            clean_line(str(one.get("forwardingEmail") or ""))
            for one in had["forwarding addresses"].get("forwardingAddresses") or ()
        ),
        language=clean_line(str(had["language"].get("displayLanguage") or ""), 20),
        imap=bool(had["IMAP"].get("enabled")),
        pop=str(had["POP"].get("accessWindow") or "disabled") != "disabled",
        unknown=tuple(name for name, answer in answers.items() if isinstance(answer, WorkspaceError)),
    )


async def set_vacation(
    work: Workspace, zone: Zone, wanted: Vacation, written_as: BodyFormat, *, dry_run: bool
) -> Vacation:
    """The out-of-office reply as it is now, or as it would be. Raises UserInputError for what cannot be meant."""
    body = _body(wanted, written_as, zone, work.clock.now())
    if dry_run:
        return _vacation(body, zone)
    request = work.google.gmail.settings.updateVacation(userId="me", body=body)
    return _vacation(await work.google.execute(request, kind=CallKind.REPEATABLE_WRITE), zone)


def _body(wanted: Vacation, written_as: BodyFormat, zone: Zone, now: datetime) -> dict[str, Any]:
    first, last = _day(wanted.first_day, "first_day"), _day(wanted.last_day, "last_day")
    if first and last and last < first:
        raise UserInputError("last_day is before first_day", next_step="Correct the days", reason="days")
    if wanted.on and last and start_of_day(last + timedelta(days=1), zone.info) <= now:
        raise UserInputError("last_day is over", next_step="Give a day that is still to come", reason="days")
    subject = one_line(wanted.subject.strip(), "subject", _LONGEST_SUBJECT)
    if wanted.on and not (subject or wanted.body.strip()):
        raise UserInputError("an out-of-office reply needs a text", next_step="Give body", reason="empty")
    written = body_of(wanted.body, written_as)
    return {
        "enableAutoReply": wanted.on,
        "responseSubject": subject,
        **({"responseBodyHtml": written.html} if written.html else {"responseBodyPlainText": written.text}),
        "restrictToContacts": wanted.contacts_only,
        "restrictToDomain": wanted.domain_only,
        **({"startTime": _milliseconds(first, zone)} if first else {}),
        # Gmail wants the moment at which it is over: the end of the last day.
        **({"endTime": _milliseconds(last + timedelta(days=1), zone)} if last else {}),
    }


def _vacation(answer: dict[str, Any], zone: Zone) -> Vacation:
    markup = str(answer.get("responseBodyHtml") or "")
    plain = str(answer.get("responseBodyPlainText") or "")
    last = _local_day(answer.get("endTime"), zone, back=timedelta(milliseconds=1))
    return Vacation(
        on=bool(answer.get("enableAutoReply")),
        subject=clean_line(str(answer.get("responseSubject") or "")),
        body=(visible_text(markup).text if markup else clean(plain))[:_SHOWN],
        first_day=_local_day(answer.get("startTime"), zone),
        last_day=last,
        contacts_only=bool(answer.get("restrictToContacts")),
        domain_only=bool(answer.get("restrictToDomain")),
    )


def _send_as(entry: dict[str, Any]) -> SendAs:
    return SendAs(
        address=clean_line(str(entry.get("sendAsEmail") or "")),
        name=clean_line(str(entry.get("displayName") or "")),
        default=bool(entry.get("isDefault")),
        signature=visible_text(str(entry.get("signature") or "")).text[:_SHOWN],
        confirmed=bool(entry.get("isPrimary")) or entry.get("verificationStatus", "accepted") == "accepted",
    )


def _day(text: str, what: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserInputError(f"{what} is no date", next_step="Write it as YYYY-MM-DD", reason="days") from None


def _milliseconds(day: date, zone: Zone) -> str:
    return str(int(start_of_day(day, zone.info).timestamp() * 1000))


def _local_day(moment: Any, zone: Zone, back: timedelta = timedelta()) -> str:
    if not moment:
        return ""
    return (datetime.fromtimestamp(int(moment) / 1000, UTC) - back).astimezone(zone.info).date().isoformat()
