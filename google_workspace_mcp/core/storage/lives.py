"""How long objects may live: the first part of every object's name.

An S3 lifecycle rule, and the sweep of a local directory, expire objects by this prefix, counted from the last write.
So nothing that people abandon grows for ever, and nobody has to read an object to know that it may go.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Life:
    """A prefix and how long after its last write an object below it may be removed; None: never."""

    prefix: str
    ends_after: timedelta | None

    def place(self, name: str) -> str:
        """The prefix for one kind of object that lives so long."""
        return f"{self.prefix}/{name}"


# Codes, sign-ins under way, one-time links: all are good for minutes.
TRANSIENT = Life("transient", timedelta(days=1))
# Uploads: an hour until they are claimed, and one for what reads them then. A rule in S3 takes a day at least.
UPLOAD = Life("upload", timedelta(hours=2))
# Sign-ins of clients: 30 days from the last refresh, and a day for clocks and time zones of rules.
SESSION = Life("session", timedelta(days=31))
# Registrations of clients, written again when they are used.
CLIENT = Life("client", timedelta(days=90))
# Connections: until the person disconnects.
LASTING = Life("lasting", None)
# What did not open, kept for whoever looks into it.
QUARANTINE = "quarantine"

LIVES = (TRANSIENT, UPLOAD, SESSION, CLIENT, LASTING)
