"""What a calendar part of a mail says, in a few lines (RFC 5545)."""

import re

_SHOWN = {
    "SUMMARY": "what", "DTSTART": "start", "DTEND": "end", "RRULE": "repeats", "LOCATION": "where",
    "ORGANIZER": "organizer", "STATUS": "status", "COMMENT": "comment", "DESCRIPTION": "description",
}  # fmt: skip
_MAX_CHARS = 200_000
_MAX_EVENTS = 5
_LINE = re.compile(
    r"^([A-Z-]{1,40})((?:;[^:\"]{0,300}|;[^:\"]{0,60}\"[^\"]{0,300}\"[^:\"]{0,300}){0,8}):(.*)$", re.DOTALL
)
_ZONE = re.compile(r";TZID=\"?([^;:\"]+)")
_NAME = re.compile(r";CN=\"?([^;:\"]+)")
_ESCAPE = re.compile(r"\\([\\;,nN])")


def invitation_text(ics: str, *, most_events: int = _MAX_EVENTS, most_chars: int = _MAX_CHARS) -> str:
    """The first events of a calendar part, one fact a line; "" when there is none in it."""
    method, events = "", 0
    lines: list[str] = []
    inside = False
    for line in _unfolded(ics[:most_chars]):
        match = _LINE.match(line[:4000])
        if not match:
            continue
        name, parameters, value = match[1], match[2], match[3].strip()
        if (name, value) in {("BEGIN", "VEVENT"), ("END", "VEVENT")}:
            inside = name == "BEGIN" and events < most_events
            if inside:
                events += 1
                if lines:
                    lines.append("")
                lines.append(f"Calendar {method.lower() or 'event'}")
        elif name == "METHOD":
            method = value[:20]
        elif inside and name in _SHOWN and value:
            lines.append(f"{_SHOWN[name]}: {_value(name, parameters, value)}")
    return "\n".join(lines)


def _unfolded(ics: str) -> list[str]:
    # RFC 5545, section 3.1: a line that begins with white space continues the one before.
    return re.sub(r"\r?\n[ \t]", "", ics).splitlines()


def _value(name: str, parameters: str, value: str) -> str:
    if name in {"DTSTART", "DTEND"}:
        return _moment(parameters, value)
    if name == "ORGANIZER":
        address = value.removeprefix("mailto:").removeprefix("MAILTO:")
        named = _NAME.search(parameters)
        return f"{named[1]} <{address}>" if named else address
    return _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)


def _moment(parameters: str, value: str) -> str:
    digits = re.match(r"^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d))?", value)
    if not digits:
        return value
    year, month, day, hour, minute = digits.groups()
    time = f" {hour}:{minute}" if hour else ""
    zone = "UTC" if value.endswith("Z") else (found[1] if (found := _ZONE.search(parameters)) else "")
    return f"{year}-{month}-{day}{time}{f' {zone}' if zone and time else ''}"
