"""A figure as node drafts: the first carries the crop, what exceeds one chunk follows as siblings; every
word stands in one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dic_ingest.figures.places import graph_values, on_page
from dic_ingest.model.description import Description
from dic_ingest.model.diagram import Kind
from dic_ingest.model.document import Figure
from dic_ingest.model.drawing import Word
from dic_ingest.nodes.record import Metadata, NodeDraft, NodeSettings, Value
from dic_ingest.nodes.splitting import shorten, split_text, tokens
from dic_ingest.nodes.tokenizer import Count
from dic_ingest.render.chart import rest_tables

# What a figure says, as text in parts of at most one chunk; every word of the figure stands in one.


EDGES = re.compile(r"^\W+|\W+$")


@dataclass(frozen=True, slots=True)
class FigureText:
    """What is known of a figure, as plain values: the common ground of a parse and of a later captioning."""

    label: str = ""
    printed_caption: str = ""
    section: str = ""
    title: str = ""
    part_of: str = ""
    caption: str = ""  # what the engine said
    footnotes: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def head(self) -> str:
        """Label and printed caption."""
        return ": ".join(filter(None, (self.label, self.printed_caption)))


def compose(known: FigureText, settings: NodeSettings) -> list[str]:
    """The figure's text in parts of at most one chunk; every word of the figure stands in one of them."""
    said = known.caption.strip()
    head = known.head
    if head and said.startswith(head):
        said = said[len(head) :].lstrip(". :\n")
    elif head and holds(said, head):
        head = ""
    place = ". ".join(
        filter(
            None,
            (
                known.part_of,
                known.section and "Section: " + known.section.replace("\n", " > "),
                _document(known),
            ),
        )
    )
    body = "\n".join(filter(None, (head, place, said, *known.footnotes)))
    told = tokens_of(body)
    fresh = [s for s in known.sentences[: settings.sentences] if s and not holds(body, s)]
    if fresh:
        body += "\nThe text says: " + " ".join(fresh)
        told |= tokens_of("\n".join(fresh))
    missing = [w for w in known.words if not _is_covered(w, told)]
    if len(missing) > len(known.words) / 2:
        missing = list(known.words)  # little is told yet: whole labels are found better than remains
    if missing:
        body += "\nWords in the figure: " + " ".join(missing)
    return _parts(body.strip(), known.head or known.label or "Figure", settings.figure_tokens, settings.count)


def _parts(body: str, head: str, limit: int, count: Count) -> list[str]:
    if count(body) <= limit:
        return [body]
    again = f"{split_text(head, limit // 4, count)[0]} (continued)\n"
    first, *rest = split_text(body, limit - count(again), count)
    return [first, *(again + part for part in rest)]


def _document(known: FigureText) -> str:
    return f"Document: {known.title}" if known.title and known.title != known.section else ""


def holds(text: str, part: str) -> bool:
    """Whether `text` says `part`, whatever the case, blanks and full stop."""
    return _plain(part) in _plain(text)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(". ")


def tokens_of(text: str) -> set[str]:
    """The words of a text as they are compared: case and outer punctuation away."""
    return {EDGES.sub("", t) or t for t in text.casefold().split()}


def _is_covered(word: str, told: set[str]) -> bool:
    return all((EDGES.sub("", t) or t) in told for t in word.casefold().split())


def word_texts(*sources: Iterable[Word]) -> tuple[str, ...]:
    """The words' texts in order; blanks away."""
    return tuple(w.text.strip() for words in sources for w in words if w.text.strip())


def word_lines(words: Sequence[Word]) -> str:
    """Words as lines: a new one where a word stands below or left of the one before."""
    lines: list[list[str]] = []
    before: Word | None = None
    for word in words:
        middle = (word.bbox[1] + word.bbox[3]) / 2
        if before is None or not before.bbox[1] <= middle <= before.bbox[3] or word.bbox[0] < before.bbox[0]:
            lines.append([])
        lines[-1].append(word.text)
        before = word
    return "\n".join(" ".join(line) for line in lines)


# A figure as node drafts: the first carries the crop, what exceeds one chunk follows as siblings.


MINERU = ("mineru_vlm",)
LABEL_TOKENS = 24  # shown to language models: a label is short, whatever a file says
SENTENCES, SENTENCE_TOKENS = 8, 200  # of the text that speaks of a figure, for engines
CHART_NAMES = 2000  # characters of the names of a chart's series in the metadata
EVIDENCE = ("evidence_recall", "evidence_precision", "needs_review")
# long values, and those of the crop: a continuation has the key, with an empty value
ON_FIRST_ALONE = frozenset(
    {
        "footnotes",
        "document_title",
        "referring_text",
        "mermaid",
        "graph",
        "ocr_text",
        "image_path",
        "referenced_by",
    }
)


def continued(metadata: Mapping[str, Value]) -> Metadata:
    """The metadata of a figure's continuation: every key of its first node, long values left empty."""
    return {k: "" if k in ON_FIRST_ALONE else v for k, v in metadata.items()}


def figure_words(figure: Figure) -> tuple[Word, ...]:
    """Words of the text layer, or those read by OCR."""
    said = figure.description.words if figure.description else ()
    return figure.embedded_words or said


def said_of(figure: Figure, original: Figure | None) -> Description:
    """The figure's own description, else that of the figure which shows the same, else the parser's."""
    said = figure.description
    if (said is None or not said.caption) and original is not None:
        said = original.description
    if said is not None and said.caption:
        theirs = ": ".join(filter(None, (original.label, original.printed_caption))) if original else ""
        if theirs and said.caption.startswith(theirs):  # the other figure's label would be wrong here
            return replace(said, caption=said.caption[len(theirs) :].lstrip(". :\n"))
        return said
    if figure.hint is not None and figure.hint.source in MINERU and figure.hint.content:
        return Description(figure.hint.content, engine="mineru", model=figure.hint.source)
    return figure.description or Description("")


def figure_drafts(
    figure: Figure,
    known: FigureText,
    said: Description,
    settings: NodeSettings,
    folder: Path | None,
) -> list[NodeDraft]:
    """The figure's node, then siblings for what exceeds a chunk."""
    image = str(folder / figure.image) if folder is not None and figure.image else figure.image
    extra = figure_metadata(figure, known, said, settings)
    boxes = (figure.bbox,) if figure.bbox else ()
    first, *rest = compose(known, settings)
    rest += _tables(known, said, settings)
    draft = NodeDraft(
        "figure",
        figure.page,
        first,
        (figure.id,),
        boxes,
        known.section,
        figure.id,
        figure.parent,
        image,
        {**extra, "parts": len(rest) + 1},
    )
    more = continued(draft.extra)
    siblings = [
        replace(draft, text=t, id=f"{figure.id}-{n}", parent=figure.id, image="", extra={**more, "part": n})
        for n, t in enumerate(rest, 2)
    ]
    return [draft, *siblings]


def _tables(known: FigureText, said: Description, settings: NodeSettings) -> list[str]:
    """What the caption's tables of a chart leave out, a chunk each."""
    head = f"{known.head or known.label or 'Figure'} (continued)\n"
    tables = rest_tables(said.chart) if said.chart is not None else []
    return [part for t in tables for part in split_text(head + t, settings.figure_tokens, settings.count)]


def figure_metadata(figure: Figure, known: FigureText, said: Description, settings: NodeSettings) -> Metadata:
    """Everything about a figure that fits in flat values."""
    graph = said.diagram
    kind = figure.route.kind if figure.route else graph.kind if graph else Kind.OTHER
    return {
        "figure_label": shorten(known.label, LABEL_TOKENS),
        "figure_class": str(kind),
        "figure_class_score": round(figure.route.score, 3) if figure.route else 0.0,
        "printed_caption": known.printed_caption,
        "footnotes": "\n".join(known.footnotes),
        "part_of": known.part_of,
        "document_title": known.title,
        "referring_text": "\n".join(shorten(s, SENTENCE_TOKENS) for s in known.sentences[:SENTENCES]),
        **said_metadata(known, said, settings, places_text(figure)),
        "image_sha256": figure.crop_sha256,
        "image_dpi": figure.dpi,
        "rotation": figure.rotation,
    }


def places_text(figure: Figure) -> str:
    """Nodes, edges and groups with their places on the page as JSON; "" for a figure without a graph."""
    graph = on_page(figure)
    if graph is None or not (graph.nodes or graph.groups):
        return ""
    return json.dumps(graph_values(graph), ensure_ascii=False, separators=(",", ":"))


def said_metadata(known: FigureText, said: Description, settings: NodeSettings, places: str = "") -> Metadata:
    """What was said of a figure and who said it; recall and precision only where there was a claim."""
    mermaid = said.diagram.to_mermaid() if said.diagram is not None else ""
    extra: Metadata = {
        "caption": short_caption(known, settings.caption_tokens, settings.count),
        "caption_source": caption_source(known, said),
        "caption_engine": said.engine,
        "needs_review": said.evidence is not None and said.evidence.needs_review,
        "model_id": said.model,
        "prompt_id": said.prompt,
        "mermaid": mermaid if len(mermaid) <= settings.mermaid_chars else "",
        "ocr_text": " ".join(known.words),
    }
    if places and len(places) <= settings.mermaid_chars:
        extra["graph"] = places
    if said.chart is not None:
        extra["chart_type"] = str(said.chart.type)
        extra["chart_series"] = "\n".join(s.name for p in said.chart.plots for s in p.series)[:CHART_NAMES]
    if mermaid and said.graph_from:
        extra["graph_from"] = said.graph_from
    if said.suspicious:
        extra["dic_suspicious"] = True
    evidence = said.evidence
    if evidence is not None and evidence.recall is not None and evidence.precision is not None:
        extra["evidence_recall"] = round(evidence.recall, 4)
        extra["evidence_precision"] = round(evidence.precision, 4)
    return extra


def caption_source(known: FigureText, said: Description) -> str:
    """dic, mineru, printed or none."""
    if said.engine:
        return "mineru" if said.engine == "mineru" else "dic"
    return "printed" if known.head else "none"


def short_caption(known: FigureText, limit: int, count: Count = tokens) -> str:
    """A sentence or two for the metadata: the printed caption, then as much of the description as fits."""
    text = known.caption.strip()
    if known.head and not holds(text, known.head):
        text = f"{known.head.rstrip('. ')}. {text}"
    return shorten(text, limit, count)
