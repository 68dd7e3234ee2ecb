"""The ways to hide text in HTML, and what only looks like one, from the files beside this one."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

HIDDEN, SHOWN = "SECRET", "SHOWN"
_TABLES = {"hidden": HIDDEN, "visible": SHOWN, "left-out": HIDDEN}


@dataclass(frozen=True, slots=True)
class Case:
    """A piece of HTML around a word; `table` says what is to become of the word."""

    name: str
    table: str
    html: str

    @property
    def word(self) -> str:
        return _TABLES[self.table]

    def page(self) -> str:
        """The piece in a page, as mail programs show it: with a doctype."""
        if "<body" in self.html or "<html" in self.html:
            return f"<!DOCTYPE html>{self.html}"
        return f"<!DOCTYPE html><html><body><p>before</p>{self.html}</body></html>"


def cases(table: str) -> list[Case]:
    """All cases of that table, in the files' order."""
    return [
        Case(f"{file.stem}-{name}", table, html)
        for file in sorted(Path(__file__).parent.glob("*.toml"))
        for name, html in tomllib.loads(file.read_text()).get(table, {}).items()
    ]
