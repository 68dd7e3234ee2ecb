"""Every address of Google that this service calls, real or simulated."""

from dataclasses import dataclass
from typing import Literal, Self

type ServiceName = Literal["gmail", "drive", "calendar"]

ISSUER = "https://accounts.google.com"


@dataclass(frozen=True, slots=True)
class GoogleEndpoints:
    """Google's addresses. `issuer` is the name inside Google's id tokens and stays the same for a simulator."""

    authorize: str
    token: str
    revoke: str
    certs: str
    tokeninfo: str
    userinfo: str
    gmail_root: str
    drive_root: str
    calendar_root: str
    documents_root: str
    issuer: str = ISSUER

    @classmethod
    def of(cls, google_url: str) -> Self:
        """The real Google for "", otherwise Google's own paths under that one base."""
        if not google_url:
            return cls._real()
        base = google_url.rstrip("/")
        return cls(
            authorize=f"{base}/o/oauth2/v2/auth",
            token=f"{base}/token",
            revoke=f"{base}/revoke",
            certs=f"{base}/oauth2/v3/certs",
            tokeninfo=f"{base}/tokeninfo",
            userinfo=f"{base}/v1/userinfo",
            gmail_root=f"{base}/",
            drive_root=f"{base}/",
            calendar_root=f"{base}/",
            documents_root=f"{base}/",
        )

    @classmethod
    def _real(cls) -> Self:
        return cls(
            authorize="https://accounts.google.com/o/oauth2/v2/auth",
            token="https://oauth2.googleapis.com/token",  # noqa: S106 - an address, not a password
            revoke="https://oauth2.googleapis.com/revoke",
            certs="https://www.googleapis.com/oauth2/v3/certs",
            tokeninfo="https://oauth2.googleapis.com/tokeninfo",
            userinfo="https://openidconnect.googleapis.com/v1/userinfo",
            gmail_root="https://gmail.googleapis.com/",
            drive_root="https://www.googleapis.com/",
            calendar_root="https://www.googleapis.com/",
            documents_root="https://docs.google.com/",
        )

    def api_root(self, service: ServiceName) -> str:
        """The address, with a slash at its end, under which the service's paths (`gmail/v1/…`, `batch/…`) lie."""
        roots = {"gmail": self.gmail_root, "drive": self.drive_root, "calendar": self.calendar_root}
        return roots[service]
