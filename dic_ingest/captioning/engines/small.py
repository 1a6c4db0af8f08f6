"""dic-small: reads the drawing itself and says what it read. No weights to fetch, no GPU.

Vector figures are read from the PDF's own paths and words, pixels by OCR and the shipped network. Where no
graph is found the layout parser's own stands, told as such, else the printed caption and the words. Nothing
is invented.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from PIL import Image

from dic_ingest.captioning.figure_reading import FigureReading, read_pixels, read_vectors
from dic_ingest.captioning.grounding.evidence import EvidenceSettings, weigh, weigh_chart
from dic_ingest.captioning.grounding.injection import suspicious
from dic_ingest.captioning.grounding.merge import choose_graph
from dic_ingest.captioning.request import FigureRequest
from dic_ingest.captioning.reuse import JsonStore, Readings, ReuseCount
from dic_ingest.classification.analysis import FigureAnalysis, analyse_alone
from dic_ingest.classification.text_cues import TextCues, hints_of
from dic_ingest.diagrams.graph.text_graphs import reads_as_text
from dic_ingest.diagrams.reader import is_believable
from dic_ingest.diagrams.text_blocks import blocks, text_lines
from dic_ingest.errors import SettingsError
from dic_ingest.figures.text.listings import listing_in
from dic_ingest.model.box import area, height_of, inside, overlap, width_of
from dic_ingest.model.chart import Chart
from dic_ingest.model.description import Description, Evidence, Statement
from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.model.drawing import Drawing, Word
from dic_ingest.render.document import fenced
from dic_ingest.sources.diagram_files.languages.mermaid.read import read_mermaid
from dic_ingest.text.tokens import statements
from dic_ingest.vision.ocr import Recognition, recognise
from dic_ingest.vision.scripts import advice

MODEL = "dic-small/1"
PACKAGE = version("dic-ingest")  # what is read may change with every version
LOGO = 14.0  # points of the shorter side of a node that may hold a drawn word
PLACED = 400  # nodes and edges of a file up to which statements are told with their places on the page
MOST_LOGOS = 12  # nodes of one figure whose pixels are read for a word
TRIED = frozenset({Kind.OTHER, Kind.CHART, Kind.SCREENSHOT})  # a drawing may hide behind these verdicts
PICTURES = frozenset(
    {Kind.PHOTO, Kind.SCREENSHOT, Kind.TABLE, Kind.FORMULA, Kind.DECORATION}
)  # hold no graph
UNREAD = "▯▯▯▯"  # stands for a line of text in a script that is not read, while the graph is assembled
_WORD = re.compile(r"[^\W\d_]{2,}")  # what a label in a photograph holds at least
MOST_WORDS = 3000  # that are put together label by label
WORDLESS = frozenset({"diamond", "start", "end", "bar", "triangle"})


@dataclass(frozen=True, slots=True)
class SmallSettings:
    """How `DicSmall` reads."""

    ocr: bool = True  # read pixels that carry words
    pixel_share: float = 0.2  # from this share of the figure's area on, placed images are read as pixels
    min_confidence: float = 0.5  # OCR words below are dropped
    reuse: bool = True  # a figure that is drawn as an earlier one is not read again
    cache: str = ""  # folder of what was read, for later runs
    evidence: EvidenceSettings = field(default_factory=EvidenceSettings)  # when a figure is to be reviewed

    def __post_init__(self) -> None:
        for name in ("pixel_share", "min_confidence"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise SettingsError(f"SmallSettings.{name} must lie in 0..1, got {getattr(self, name)}")


class DicSmall:
    """The default engine; see the module's text. Safe to share between threads."""

    name = "dic-small"
    batch = 1  # figures asked at once: they are read one after the other, so progress is told of each

    def __init__(self, settings: SmallSettings | None = None, store: JsonStore | None = None) -> None:
        self.settings = settings or SmallSettings()
        self.tally = ReuseCount()
        read_by = (self.settings.ocr, self.settings.pixel_share, self.settings.min_confidence)
        cache = Path(self.settings.cache) if self.settings.cache else None
        kept = JsonStore(cache) if cache is not None or store is None else store
        self._kept = Readings(kept, f"{MODEL} {PACKAGE} {read_by}") if self.settings.reuse else None

    def caption(self, requests: Sequence[FigureRequest]) -> list[Description]:
        """One description per request, in order."""
        return [self._describe(r) for r in requests]

    def _describe(self, request: FigureRequest) -> Description:
        if request.reading is not None or request.chart is not None:
            return _from_file(request)
        read, reused = self._kept.read(request, self._look) if self._kept else (self._look(request)[0], False)
        said = _described(request, read, self.settings.evidence)
        if reused:
            self.tally.add(said)
        return said

    def _look(self, request: FigureRequest) -> tuple[Description, bool]:
        """Words and structure of a figure, its caption holding remarks; and whether all of it could be tried.

        What fails is noted, and what was read before is kept.
        """
        drawing = request.drawing
        pixels = drawing is None or self._mostly_pixels(drawing)
        words: tuple[Word, ...] = drawing.words if drawing else ()
        found, notes = Recognition(), list[str]()
        try:
            found = self._ocr(request.crop) if pixels else found
            words = _merge(words, [w.scaled(72.0 / request.dpi) for w in found.words])
        except Exception as error:
            notes.append(f"Its words could not be read ({type(error).__name__}).")
        decided = FigureReading(None)
        try:
            if _may_hold_graph(request):
                decided, words = self._structure(request, found, pixels, words)
        except Exception as error:
            notes.append(f"Its structure could not be read ({type(error).__name__}).")
        sound, shown = not notes, decided.found
        if request.kind is Kind.PHOTO:  # what looks like lines of an unknown script is the things in it
            found = replace(found, unread=())
        if found.unread and shown is None:
            notes.append(f"It has {advice(len(found.unread))}.")
        graph = shown if isinstance(shown, Diagram) else None
        chart = shown if isinstance(shown, Chart) else None
        remarks, unread = " ".join(notes), len(found.unread)
        said = Description(remarks, graph, words=tuple(words), chart=chart, unread_lines=unread)
        if decided.verdict is not None:
            said = replace(said, kind=decided.verdict.drawn_as, kind_score=decided.verdict.drawn_score)
        return said, sound

    def _structure(
        self, request: FigureRequest, text: Recognition, pixels: bool, words: tuple[Word, ...]
    ) -> tuple[FigureReading, tuple[Word, ...]]:
        """The graph or chart that is believable enough to be given to a user, and the figure's words."""
        analysis = request.analysis or _analysed(request)
        read = self._read(request, analysis, text, pixels)
        shown = _shown(read.found)
        if isinstance(read.found, Diagram) and request.drawing is not None and not pixels:
            drawn = self._in_bare(read.found, request)  # names drawn as outlines may be what it lacks
            if drawn:
                words = _merge(words, drawn)
                whole = replace(request, drawing=replace(request.drawing, words=words))
                again = self._read(whole, replace(analysis, scene=None), text, pixels)
                shown = _shown(again.found) or shown
        return replace(read, found=shown), words

    def _read(
        self, request: FigureRequest, analysis: FigureAnalysis, text: Recognition, pixels: bool
    ) -> FigureReading:
        if request.drawing is not None and not pixels:
            read = read_vectors(request.drawing, request.kind, analysis, request.crop)
            found = read.found
        else:
            seen = (*text.words, *(Word(UNREAD, box) for box in text.unread))
            if not seen:
                return FigureReading(None)
            read = read_pixels(request.crop, seen, request.kind, analysis)
            found = read.found
            found = _unnamed(found) if text.unread and isinstance(found, Diagram) else found
            found = found.scaled(72.0 / request.dpi) if found is not None else None  # like the words: points
        if isinstance(found, Diagram):
            kept = not reads_as_text(found) and (request.kind.is_diagram or _believable(found))
            found = replace(found, read_from="pixels" if pixels else "vector") if kept else None
        return replace(read, found=found)

    def _in_bare(self, graph: Diagram, request: FigureRequest) -> list[Word]:
        """Words drawn as outlines in nodes that have none: logos, names turned into paths. In points."""
        bare = [n.bbox for n in graph.nodes if not n.label and n.shape not in WORDLESS and n.bbox is not None]
        boxes = sorted((b for b in bare if min(width_of(b), height_of(b)) > LOGO), key=area, reverse=True)
        scale, found = request.dpi / 72.0, list[Word]()
        for box in boxes[:MOST_LOGOS]:
            x0, y0, x1, y1 = (round(v * scale) for v in box)
            for word in self._ocr(request.crop.crop((x0, y0, x1, y1))).words:
                a0, b0, a1, b1 = word.bbox
                moved = replace(word, bbox=(a0 + x0, b0 + y0, a1 + x0, b1 + y0))
                found.append(moved.scaled(72.0 / request.dpi))
        return found

    def _mostly_pixels(self, drawing: Drawing) -> bool:
        """Whether what matters is in placed images, or drawn without a single word of text layer."""
        frame = (0.0, 0.0, drawing.width, drawing.height)
        pixels = sum(overlap(i.bbox, frame) for i in drawing.images)
        return pixels >= self.settings.pixel_share * max(area(frame), 1.0) or not drawing.words

    def _ocr(self, crop: Image.Image) -> Recognition:
        if not self.settings.ocr:
            return Recognition()
        found = recognise(crop)
        words = tuple(w for w in found.words if w.confidence >= self.settings.min_confidence)
        return replace(found, words=words)


def _may_hold_graph(request: FigureRequest) -> bool:
    return not request.set_as_text and (request.kind.is_diagram or request.kind in TRIED)


def _analysed(request: FigureRequest) -> FigureAnalysis:
    """The analysis of a figure that comes without one: nothing of its page is known."""
    hints = hints_of(request.printed_caption, request.references, request.section)
    cues = TextCues(hints, captioned=bool(request.label))
    return analyse_alone(request.crop, request.dpi, request.drawing, cues)


def _described(request: FigureRequest, read: Description, settings: EvidenceSettings) -> Description:
    """What was read in a figure, said under its own label and caption."""
    if read.chart is not None:
        chart = _from_chart(request, read.chart, read.words, settings)
        return replace(chart, unread_lines=read.unread_lines)
    parser = read_mermaid(request.hint, request.kind) if request.hint else None
    graph, source, conflicts = choose_graph(read.diagram, None, parser)
    if graph and read.unread_lines:
        graph = replace(graph, unread=(*graph.unread, advice(read.unread_lines)))
    caption, claims = _say(request, graph, source, read.words, read.caption)
    # a graph that was not read in the drawing supports nothing
    exact = graph if source == "drawing" else None
    evidence = weigh(claims, exact, read.words, request.printed_caption, request.references, settings)
    review = evidence.needs_review or source == "parser" or read.unread_lines > 0
    evidence = replace(evidence, needs_review=review, conflicts=conflicts)
    if graph is None:
        evidence = _nothing_claimed(evidence, request.kind)
    odd = suspicious([" ".join(w.text for w in read.words), request.printed_caption, *request.references])
    return Description(
        caption, graph, "dic-small", MODEL, "", evidence, read.words, odd,
        graph_from=source if graph else "", unread_lines=read.unread_lines, kind=read.kind,
        kind_score=read.kind_score,
    )  # fmt: skip


def _from_file(request: FigureRequest) -> Description:
    """What the file itself holds as data: nothing was recognised, so every statement stands."""
    words = request.drawing.words if request.drawing is not None else ()
    graph, chart = request.reading, request.chart
    head = ": ".join(filter(None, (request.label, request.printed_caption)))
    caption = claims = ""
    if graph is not None:
        caption, claims = _say(request, graph, "drawing", words, "")
    if chart is not None:
        told = chart.to_text("" if caption else head)
        caption, claims = ("\n\n".join(filter(None, (text, told))) for text in (caption, claims))
    if graph is not None and len(graph.nodes) + len(graph.edges) > PLACED:
        found = tuple(Statement(text) for text in statements(claims))
    else:  # with the places of what they speak of
        found = weigh(claims, graph, words, request.printed_caption, request.references).statements
    evidence = Evidence(1.0, 1.0, statements=tuple(replace(s, support="file") for s in found))
    odd = suspicious([" ".join(w.text for w in words), request.printed_caption, *request.references])
    return Description(
        caption, graph, "dic-small", MODEL, "", evidence, words, odd, graph_from="file", chart=chart
    )


def _from_chart(
    request: FigureRequest, chart: Chart, words: Sequence[Word], settings: EvidenceSettings
) -> Description:
    """A chart that was read in the drawing; what of it is unsure asks for a review."""
    head = ": ".join(filter(None, (request.label, request.printed_caption)))
    evidence = weigh_chart(chart, head, words, request.printed_caption, request.references, settings)
    odd = suspicious([" ".join(w.text for w in words), request.printed_caption, *request.references])
    return Description(
        chart.to_text(head), None, "dic-small", MODEL, "", evidence, tuple(words), odd, chart=chart,
    )  # fmt: skip


def _nothing_claimed(evidence: Evidence, kind: Kind) -> Evidence:
    """Evidence of a figure of which only words are given: no scores, and a review unless no graph was due."""
    return replace(evidence, recall=None, precision=None, needs_review=kind not in PICTURES)


def _shown(read: Diagram | Chart | None) -> Diagram | Chart | None:
    """What was read, where it is believable enough to be given to a user."""
    return None if isinstance(read, Diagram) and not is_believable(read) else read


def _unnamed(graph: Diagram) -> Diagram:
    """The graph without the place holders of lines that nothing reads."""

    def plain(value: Any) -> Any:
        if isinstance(value, str):
            return value.replace(UNREAD, "").strip() if UNREAD in value else value
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items()}
        return [plain(v) for v in value] if isinstance(value, (list, tuple)) else value

    return Diagram.from_dict(plain(graph.to_dict()))


def _believable(graph: Diagram) -> bool:
    """Whether a graph stands against the router's word that the figure is a chart, a window, or no diagram.

    Axes and bars read as lines and boxes give participants without messages and nodes without names.
    """
    named = {n.id for n in graph.vertices() if n.label.strip()}
    told = [e for e in graph.arrows() if {e.source, e.target} <= named]
    joined = {i for e in told for i in (e.source, e.target)}
    most = 0.7 * len(graph.nodes)
    if graph.kind is Kind.SEQUENCE:  # lines of a window or a chart carry no messages
        said = [e for e in told if e.label.strip()]
        return len(said) >= 3 and len(said) > 0.7 * len(told) and len(joined) == len(graph.nodes)
    return len(told) >= 2 and len(named) > most and len(joined) > most


def _merge(printed: Sequence[Word], seen: Sequence[Word]) -> tuple[Word, ...]:
    """The text layer's words, and those that only the pixels hold."""
    extra = [
        w for w in seen if not any(inside(w.bbox, p.bbox, 0.3) or inside(p.bbox, w.bbox) for p in printed)
    ]
    return (*printed, *extra)


def _say(
    request: FigureRequest, graph: Diagram | None, source: str, words: Sequence[Word], note: str
) -> tuple[str, str]:
    """The caption, and what of it claims something: remarks on what was not read claim nothing."""
    head = ": ".join(filter(None, (request.label, request.printed_caption)))
    if graph is not None and (graph.nodes or graph.notes):
        told, claims = graph.to_text(head), replace(graph, unread=()).to_text(head)
        return (told, claims) if source == "drawing" else (f"{told}\n{PARSED}", claims)
    head = head.rstrip(". ") + "." if head else ""
    printed = _read_out(words, photo=request.kind is Kind.PHOTO)
    listing = "" if note or request.kind.is_diagram else listing_in(words)
    if listing:
        told = f"{' '.join(filter(None, (head, LISTING)))}\n\n{fenced(listing)}"
        return told, "\n".join(filter(None, (head, listing)))
    plain = PLAIN.get(request.kind, "A figure whose structure was not read.")
    remark = SET_AS_TEXT if request.set_as_text else plain
    told = " ".join(filter(None, (head, remark, note, printed and f"Words in it: {printed}")))
    return told, "\n".join(filter(None, (head, printed)))


def _read_out(words: Sequence[Word], photo: bool = False) -> str:
    """The words label by label: one of several lines is not cut by those beside it.

    In a photograph single signs are left out: they are mostly parts of things.
    """
    if len(words) > MOST_WORDS:
        return " ".join(w.text for w in words)
    labels = [block.text for block in blocks(text_lines(tuple(words)))]
    return "; ".join(t for t in labels if not photo or _WORD.search(t))


PARSED = "This graph is the layout parser's; it was not read in the drawing."
LISTING = "A picture of a listing, as it was recognised:"
SET_AS_TEXT = "Text that is set as a figure."
PLAIN = {
    Kind.PHOTO: "A photograph; its content is not described.",
    Kind.SCREENSHOT: "A screenshot, given by its words.",
    Kind.CHART: "A chart, given by its words.",
}
