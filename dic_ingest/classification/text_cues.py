"""What the words around a figure say of its kind: its caption, mentions, heading, neighbours.

In: texts. Out: `TextCues`, weights per kind. Words alone never decide; they tip what the drawing leaves open.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dic_ingest.model.diagram import Kind
from dic_ingest.model.document import Figure

# names of kinds of figures and of what they are made of; no word of a subject that figures may have
TERMS: dict[Kind, tuple[str, ...]] = {
    Kind.CHART: (
        r"charts?|graph of|curves?|plots?|plotted|histograms?|distributions?|percentages?|versus|vs",
        r"scatter|spectr(?:um|a)|heat ?maps?|trends?|visuali[sz]ation|correlation",
        r"as a function of|over time|per (?:year|month|day|capita)",
        r"Verteilung|Verlauf|courbes?",
    ),
    Kind.PHOTO: (r"photo(?:graph)?s?|portrait|camera|taken (?:in|at|from|by)|Foto|view of the",),
    Kind.SCREENSHOT: (
        r"screen ?shots?|screens?|dialog(?:ue)?s?|windows?|wizard|menus?|toolbar|console|user interface|GUI",
        r"web page|home ?page|Bildschirm\w*",
        r"(?:right-)?click(?:ed|ing)?|drop-down|pane|check ?box",
    ),
    Kind.FLOWCHART: (
        r"flow ?charts?|flow diagrams?|work ?flows?|procedures?|decision|algorithm|Ablauf\w*|process(?:es)?",
        r"pipelines?",
    ),
    Kind.SEQUENCE: (
        r"sequence diagrams?|message (?:flow|exchange)|call flow|handshake|interactions? between|Sequenz\w*",
    ),
    Kind.STATE: (r"state (?:machines?|diagrams?|transitions?)|life ?cycles?|states|Zustand\w*",),
    Kind.CLASS: (r"class (?:diagrams?|model|hierarchy)|UML|object model|package diagrams?|Klassen\w*",),
    Kind.ER: (r"entity.relationship|ER(?:D| diagrams?)|database schema|tables? and (?:their )?relations?",),
    Kind.TOPOLOGY: (r"topology|network|deployment|infrastructure|Netzwerk\w*",),
    Kind.BLOCK: (r"architecture|block diagrams?|components|overview of the system|framework|Architektur",),
    Kind.TIMING: (r"timing|time ?lines?|gantt|schedule|waveforms?|milestones?|roadmap",),
    Kind.OTHER: (r"geometry|map of|drawing|examples? of|illustration|sketch|exploded view|Venn diagrams?",),
}
_COMPILED = {
    kind: re.compile(rf"(?<!\w)(?:{'|'.join(terms)})(?!\w)", re.IGNORECASE) for kind, terms in TERMS.items()
}
CAPTION, SENTENCE, AROUND, SECTION = 0.9, 0.4, 0.4, 0.35
MOST = 1.3  # weight that words can give to one kind
USUAL = 0.45  # weight of what most drawings of a document are
PRIORS = {  # sub types of MinerU's layout and vision models
    "flowchart": Kind.FLOWCHART,
    "natural_image": Kind.PHOTO,
    "chart": Kind.CHART,
    "bar_chart": Kind.CHART,
    "line_chart": Kind.CHART,
    "pie_chart": Kind.CHART,
    "screenshot": Kind.SCREENSHOT,
    "seal": Kind.DECORATION,
    "logo": Kind.DECORATION,
}
Hints = Mapping[Kind, tuple[float, str]]  # weight per kind, and the word that gave most of it


@dataclass(frozen=True, slots=True)
class TextCues:
    """What stands around a figure, as far as it speaks for a kind."""

    hints: Hints = field(default_factory=dict)
    parser: Kind | None = None  # the layout parser's kind
    captioned: bool = False  # a printed label names it: no decoration


def cues_of(figure: Figure, around: Sequence[str] = (), common: Kind | None = None) -> TextCues:
    """Cues of a figure of a document. `around`: text before and after; `common`: usual kind of drawing."""
    mentions = [r.sentence for r in figure.references]
    hints = hints_of(figure.printed_caption, mentions, figure.section, around)
    if common is not None:
        weight, word = hints.get(common, (0.0, ""))
        hints[common] = (weight + USUAL, word or "as most drawings here")
    parser = PRIORS.get(figure.hint.sub_type) if figure.hint else None
    return TextCues(hints, parser, bool(figure.label))


def hints_of(
    caption: str, mentions: Sequence[str] = (), section: str = "", around: Sequence[str] = ()
) -> dict[Kind, tuple[float, str]]:
    """Weight and the word that gave most of it, per kind."""
    found: dict[Kind, tuple[float, str]] = {}
    texts = [(CAPTION, caption[:300])]
    texts.append((SENTENCE, " ".join(sentence[:300] for sentence in mentions[:4])))
    texts.append((AROUND, " ".join(around)))
    texts.append((SECTION, section[:120]))
    for weight, text in texts:
        for kind, pattern in _COMPILED.items():
            match = pattern.search(text)
            if match:
                # what stands first in a caption names it; later words describe
                early = weight if match.start() < 60 or weight != CAPTION else 0.6 * weight
                known, word = found.get(kind, (0.0, match[0]))
                found[kind] = (min(MOST, known + early), word)
    return found
