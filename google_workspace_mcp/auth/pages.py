"""Pages that a person sees: plain HTML from templates, no script, nothing from other hosts."""

from importlib import resources
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from starlette.responses import HTMLResponse

_CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'"


class Pages:
    """Renders the templates that lie beside this module; everything put into them is escaped."""

    def __init__(self, base_url: str) -> None:
        folder = resources.files("google_workspace_mcp.auth") / "templates"
        texts = {item.name: item.read_text("utf-8") for item in folder.iterdir() if item.name.endswith(".html")}
        self._environment = Environment(
            loader=DictLoader(texts), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._base_url = base_url

    def show(self, name: str, status: int = 200, *, form_targets: str = "'self'", **values: Any) -> HTMLResponse:
        """A page. `form_targets` are the CSP sources that a submitted form may lead to, redirects included."""
        html = self._environment.get_template(f"{name}.html").render(base=self._base_url, **values)
        # The shell adds what every page needs; what a form may lead to differs by page.
        return HTMLResponse(html, status, {"Content-Security-Policy": f"{_CSP}; form-action {form_targets}"})

    def problem(self, title: str, words: str, status: int = 400, *, next_step: str = "") -> HTMLResponse:
        """A page that says what went wrong and what to do."""
        return self.show("problem", status, title=title, words=words, next_step=next_step)
