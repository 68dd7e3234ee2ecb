"""Word documents: headers, the document itself, footnotes, footers, and comments on request."""

from google_workspace_mcp.core.content.documents.job import Gathered, Job
from google_workspace_mcp.core.content.documents.markup import Events, Relation, read_events, relations, title_of
from google_workspace_mcp.core.content.documents.package import Package
from google_workspace_mcp.core.content.documents.problems import DocumentProblem, Remark, Trouble
from google_workspace_mcp.core.content.documents.word_story import Story
from google_workspace_mcp.core.content.documents.word_styles import Lists, Styles

# A document has few headers that differ; each is read once.
_MOST_HEADERS = 12


def read_word(package: Package, main: str, job: Job, gathered: Gathered) -> None:
    """Gathers the document as far as it is needed. Raises DocumentProblem."""
    if job.part.strip():
        raise DocumentProblem(Trouble.NO_PARTS)
    gathered.kind, gathered.title = "Word", title_of(package)
    reading = _Reading(package, main, gathered)
    reading.around("header")
    story = reading.story(main)
    whole = reading.read(main, story)
    if whole:
        reading.notes("footnotes", story.notes)
        reading.notes("endnotes", story.notes)
        reading.around("footer")
    if not job.remarks:
        gathered.say(Remark.COMMENTS, len(story.comments))
    elif whole:
        reading.notes("comments", story.comments)
    if not whole or gathered.enough:
        gathered.stop()


class _Reading:
    """One document, with what its parts share."""

    def __init__(self, package: Package, main: str, gathered: Gathered) -> None:
        self._package, self._gathered = package, gathered
        self._links = relations(package, main)
        self._styles, self._lists = Styles(), Lists()
        collectors: dict[str, Events] = {"styles": self._styles, "numbering": self._lists}
        for link in self._links.values():
            if events := collectors.get(link.kind):
                read_events(package.chunks(link.target), events)

    def story(self, place: str, only: set[str] | None = None) -> Story:
        links = relations(self._package, place)
        return Story(self._gathered, self._styles, self._lists, links, only=only)

    def read(self, place: str, story: Story) -> bool:
        return read_events(self._package.chunks(place), story)

    def around(self, kind: str) -> None:
        """Headers or footers, each text once: first pages and odd ones often say the same."""
        seen: set[str] = set()
        for link in self._of(kind)[:_MOST_HEADERS]:
            apart = self._gathered.apart()
            story = Story(apart, self._styles, self._lists, relations(self._package, link.target))
            self.read(link.target, story)
            text = apart.text()
            # A number alone is the page's.
            if text not in seen and any(character.isalpha() for character in text):
                self._gathered.add(text)
            seen.add(text)
            self._gathered.remarks.update(apart.remarks)

    def notes(self, kind: str, wanted: set[str]) -> None:
        """Footnotes, endnotes or comments that the text refers to."""
        for link in self._of(kind):
            if wanted and not self._gathered.enough:
                self.read(link.target, self.story(link.target, wanted))

    def _of(self, kind: str) -> list[Relation]:
        return [link for link in self._links.values() if link.kind == kind and link.target in self._package]
