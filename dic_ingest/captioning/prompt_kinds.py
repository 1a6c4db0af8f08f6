"""What is asked of each kind of figure, and the questions that widen a caption (UltraCaption's, adapted)."""

from __future__ import annotations

from dic_ingest.diagram import Kind

TASKS: dict[Kind | None, str] = {
    Kind.FLOWCHART: (
        "Transcribe this flowchart: where it starts and ends, each step and what follows it, each "
        "decision with "
        "all its branches and the printed condition of each, every loop back."
    ),
    Kind.SEQUENCE: (
        "Transcribe this sequence or signalling diagram: the participants from left to right, then "
        "every message "
        "in order from top to bottom with sender, receiver and printed text, and every loop, alternative or "
        "optional frame with its condition and the messages inside."
    ),
    Kind.STATE: (
        "Transcribe this state diagram: every state, the initial and final ones, every transition with its "
        "source, target and printed event, guard or action, and which states lie inside others."
    ),
    Kind.CLASS: (
        "Transcribe this class diagram: every class with its printed attributes and methods, every "
        "relation with "
        "its kind (inheritance, composition, aggregation, association, dependency), ends and multiplicities."
    ),
    Kind.ER: (
        "Transcribe this entity-relationship diagram: every entity with its attributes and keys, "
        "every relation "
        "with its name and the cardinality at both ends."
    ),
    Kind.TOPOLOGY: (
        "Transcribe this network topology: every device or site with its printed name, every link "
        "with its two "
        "ends and printed label (interface, address, protocol), and which devices stand in a common area."
    ),
    Kind.BLOCK: (
        "Transcribe this block or architecture diagram: every block with its printed text, every "
        "connection with "
        "direction and label, and which blocks lie inside which frames or layers."
    ),
    Kind.TIMING: (
        "Transcribe this timing diagram or bit-field layout: every signal or field in order with its printed "
        "name, width or values, and what the markers and arrows relate."
    ),
    Kind.CHART: (
        "Transcribe this chart: its type, title, axes with units and ranges, each series by its "
        "legend, and the "
        "values that are printed. Do not estimate values that are not printed; say what rises, falls "
        "or is largest."
    ),
    Kind.SCREENSHOT: (
        "Transcribe this screenshot: which program or page it shows, its headings, fields with their values, "
        "buttons, messages and highlighted parts, from top to bottom."
    ),
    Kind.TABLE: "Transcribe this table row by row, each cell with its column's heading.",
    Kind.FORMULA: "Transcribe this formula, then name its symbols as far as the figure explains them.",
    Kind.PHOTO: (
        "State which equipment, place or process this photograph documents, the parts that are "
        "visible and how "
        "they are arranged, and every word, number or sign that can be read on them."
    ),
    None: (
        "Transcribe this technical figure: every element with its printed words, and how the elements are "
        "connected, ordered or contained in each other."
    ),
}  # fmt: skip

_STRUCTURE = "In which order is the drawing to be read, and what are its main parts?"
_TEXT = "Which words, identifiers, addresses or symbols are printed, and where do they belong?"
_RELATIONS = "Which elements are connected, in which direction, by which label?"
_CONDITIONS = "Under which printed conditions does a path apply, and what happens otherwise?"
_QUANTITIES = "Which numbers, units, ranges, multiplicities or durations are given?"
_GROUPING = "Which elements are grouped, nested or separated by frames, lanes or layers?"
_TIME = "What happens first, next, last; what repeats or runs at the same time?"
_LEGEND = "What do dashed lines, colours, shapes or icons mean according to the legend or the labels?"

QUESTIONS: dict[Kind | None, tuple[str, ...]] = {
    Kind.FLOWCHART: (_RELATIONS, _CONDITIONS, _TIME, _STRUCTURE, _GROUPING, _TEXT, _QUANTITIES, _LEGEND),
    Kind.SEQUENCE: (_TIME, _CONDITIONS, _TEXT, _RELATIONS, _GROUPING, _QUANTITIES, _LEGEND, _STRUCTURE),
    Kind.STATE: (_RELATIONS, _CONDITIONS, _GROUPING, _TIME, _TEXT, _QUANTITIES, _LEGEND, _STRUCTURE),
    Kind.CLASS: (_RELATIONS, _QUANTITIES, _TEXT, _GROUPING, _LEGEND, _STRUCTURE),
    Kind.ER: (_RELATIONS, _QUANTITIES, _TEXT, _GROUPING, _LEGEND, _STRUCTURE),
    Kind.TOPOLOGY: (_RELATIONS, _TEXT, _GROUPING, _LEGEND, _QUANTITIES, _STRUCTURE),
    Kind.BLOCK: (_RELATIONS, _GROUPING, _TEXT, _LEGEND, _STRUCTURE, _QUANTITIES),
    Kind.TIMING: (_TIME, _QUANTITIES, _TEXT, _RELATIONS, _LEGEND),
    Kind.CHART: (_QUANTITIES, _TEXT, _LEGEND, _STRUCTURE),
    Kind.SCREENSHOT: (_TEXT, _STRUCTURE, _GROUPING, _QUANTITIES),
    Kind.PHOTO: (_TEXT, _GROUPING, _QUANTITIES),
    None: (_RELATIONS, _TEXT, _GROUPING, _STRUCTURE, _QUANTITIES, _CONDITIONS, _TIME, _LEGEND),
}
