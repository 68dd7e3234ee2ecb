"""Rendering of the pages that a person sees."""

import base64
import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from google_workspace_mcp.sandbox.wire import Outgoing

_FOLDER = Path(__file__).parent / "templates"


class Pages:
    """The templates, with one style sheet inside each page and a policy that allows that and nothing else."""

    def __init__(self) -> None:
        self._environment = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined)
        css = (_FOLDER / "style.css").read_text("utf-8")
        digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
        self._style = Markup(css)  # noqa: S704 - our own file
        # No form-action: Chromium applies it to the redirect that follows the form, which leads to the app.
        self._headers = {
            "Content-Type": "text/html; charset=UTF-8",
            "Content-Security-Policy": (
                f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"
            ),
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }

    def page(self, template: str, status: int = 200, **values: Any) -> Outgoing:
        """A page as an answer."""
        text = self._environment.get_template(template).render(style=self._style, **values)
        return Outgoing(status, text.encode(), self._headers)
