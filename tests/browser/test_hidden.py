"""Which ways to hide text do hide it, proven by what Chromium paints.

A page is painted twice, the second time with the word's letters in the reverse order: in a font of one width nothing
else changes. Where the two pictures differ, the word is painted. It can be read when they differ clearly and over more
than the height of letters that no eye resolves. Scripts do not run, as in mail programs.
"""

import io
from collections.abc import Generator

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page

from tests.core.content.hidden.cases import Case, cases

# Of 255 levels: text of this difference to its background is not seen on any screen.
_FAINT = 14
# Letters of 2 pixels have this height; those of 6 pixels have 4.
_UNREADABLE_HEIGHT = 3
_MONOSPACE = "<style>@layer { html, input, button, select, textarea { font-family: monospace } }</style>"


def named(case: Case) -> str:
    return case.name


@pytest.fixture(scope="module")
def page(browser: Browser) -> Generator[Page]:
    """A desktop window without scripts and without a network."""
    with browser.new_context(
        viewport={"width": 1280, "height": 400}, java_script_enabled=False, color_scheme="light", offline=True
    ) as context:
        yield context.new_page()


def painted(page: Page, html: str) -> Image.Image:
    page.set_content(html.replace("<!DOCTYPE html>", f"<!DOCTYPE html>{_MONOSPACE}", 1), wait_until="load")
    return Image.open(io.BytesIO(page.screenshot(caret="hide", animations="disabled"))).convert("RGB")


def readable(page: Page, case: Case) -> bool:
    """Whether a person can read the word.

    Looked at twice: a box that is still being made, such as a video's, differs by itself from one picture to the next.
    """
    return _differs(page, case) and _differs(page, case)


def _differs(page: Page, case: Case) -> bool:
    one, other = (painted(page, case.page().replace(case.word, word)) for word in (case.word, case.word[::-1]))
    clear = ImageChops.difference(one, other).convert("L").point([255 if level > _FAINT else 0 for level in range(256)])
    box = clear.getbbox()
    return box is not None and box[3] - box[1] > _UNREADABLE_HEIGHT


@pytest.mark.browser
@pytest.mark.parametrize("case", cases("hidden"), ids=named)
def test_a_person_cannot_read_what_is_called_hidden(page: Page, case: Case):
    assert not readable(page, case)


@pytest.mark.browser
@pytest.mark.parametrize("case", cases("visible"), ids=named)
def test_a_person_can_read_what_is_called_visible(page: Page, case: Case):
    assert readable(page, case)


@pytest.mark.browser
@pytest.mark.parametrize("case", cases("left-out"), ids=named)
def test_what_is_left_out_by_declaration_is_painted(page: Page, case: Case):
    assert readable(page, case)
