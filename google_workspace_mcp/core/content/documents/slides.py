"""PowerPoint presentations: the slides that are shown, in their order, speaker notes on request."""

from dataclasses import dataclass, field

from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.content.documents.job import Entry, Gathered, Job
from google_workspace_mcp.core.content.documents.locators import pages
from google_workspace_mcp.core.content.documents.markup import Attributes, Events, read_events, relations, title_of
from google_workspace_mcp.core.content.documents.package import Package
from google_workspace_mcp.core.content.documents.problems import DocumentProblem, Remark, Trouble
from google_workspace_mcp.core.content.documents.slide import SlideReader, length

_MOST_SLIDES = 5_000


@dataclass(slots=True)
class _Deck(Events):
    """Takes the events of `presentation.xml`."""

    slides: list[str] = field(default_factory=list[str])
    size: tuple[int, int] = (0, 0)

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == "p:sldId" and len(self.slides) < _MOST_SLIDES:
            self.slides.append(attributes.get("r:id", ""))
        elif tag == "p:sldSz":
            self.size = (length(attributes.get("cx", "")) or 0, length(attributes.get("cy", "")) or 0)


def read_slides(package: Package, main: str, job: Job, gathered: Gathered) -> None:
    """Gathers the slides of `job.part`, all that are not hidden for an empty one. Raises DocumentProblem."""
    links, deck = relations(package, main), _Deck()
    read_events(package.chunks(main), deck)
    places = [links[name].target for name in deck.slides if name in links and links[name].kind == "slide"]
    gathered.kind, gathered.title, gathered.parts = "PowerPoint", title_of(package), len(places)
    chosen = pages(job.part, len(places))
    for number in chosen:
        if gathered.enough:
            gathered.stop()
            return
        if job.time_left() < 0:
            gathered.say(Remark.STOPPED_AT, number)
            gathered.stop()
            return
        _read_slide(_Place(package, places[number - 1], number, named=chosen.single == number), deck, job, gathered)


@dataclass(frozen=True, slots=True)
class _Place:
    """One slide of a package. `named`: it alone was asked for."""

    package: Package
    place: str
    number: int
    named: bool


def _read_slide(at: _Place, deck: _Deck, job: Job, gathered: Gathered) -> None:
    if at.place not in at.package:
        raise DocumentProblem(Trouble.DAMAGED)
    links = relations(at.package, at.place)
    reader = SlideReader(deck.size, links)
    read_events(at.package.chunks(at.place), reader)
    gathered.head(Entry(str(at.number), "" if reader.hidden else clean_line(reader.title, 100), reader.hidden))
    if reader.hidden:
        gathered.say(Remark.HIDDEN_PART if at.named else Remark.HIDDEN_SLIDES)
        if not at.named:
            return
    gathered.hide("".join(reader.hidden_texts))
    gathered.say(Remark.CHARTS, reader.charts)
    gathered.mark("", at.number)
    gathered.add(f"[slide {at.number}]")
    for block in reader.blocks:
        gathered.add(block.text(), tight=block.tight)
    for link in links.values():
        if link.kind == "notesSlide" and link.target in at.package:
            _read_notes(at.package, link.target, job, gathered)


def _read_notes(package: Package, place: str, job: Job, gathered: Gathered) -> None:
    reader = SlideReader((0, 0), {})
    read_events(package.chunks(place), reader)
    texts = [text for block in reader.blocks if (text := block.text())]
    if texts and job.remarks:
        gathered.add("Speaker notes: " + "\n".join(texts))
    elif texts:
        gathered.say(Remark.SPEAKER_NOTES)
