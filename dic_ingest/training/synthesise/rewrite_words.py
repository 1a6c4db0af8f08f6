"""The words of the rewriting rules: openings, and phrases with what may stand for them, by kind of diagram.

Names are masked as \\x01number\\x01 when a phrase is looked for. Nothing here is trusted: it is checked.
"""

from __future__ import annotations

from dic_ingest.diagram import Kind

_NAME = "(\x01\\d+\x01(?: \\(\\d+\\))?)"
OPENINGS = (
    "{called} {title}.",
    "The {called} {title}.",
    "{a} {called} titled {title}.",
    "This {called} is titled {title}.",
    "The figure {title} is {a} {called}.",
    "{title} is drawn as {a} {called}.",
)
UNTITLED = (
    "{called}.",
    "{a} {called}.",
    "The figure is {a} {called}.",
    "This is {a} {called}.",
    "The drawing shows {a} {called}.",
    "This {called} shows the following.",
)
_FLOW: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"leads back to itself", ("loops back to itself", "returns to itself")),
    (r"leads back to", ("returns to", "goes back to", "loops back to")),
    (r"leads to", ("goes to", "continues to", "proceeds to", "leads on to", "flows to")),
    (r", then ", (", followed by ", ", and then ")),
    (r"At the decision", ("At the branch", "At the question", "At decision")),
)
_LINKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"connects to", ("points to", "leads to", "sends to", "feeds", "calls", "has an arrow to")),
    (r"is connected with", ("is linked with", "is linked to", "has a link with", "is connected to")),
    (r"is connected in both directions with", ("is linked in both directions with", "exchanges data with")),
    (r"Group (.+?) contains", (r"\1 contains", r"The frame \1 holds", r"The group \1 contains")),
)
PHRASES: dict[Kind, tuple[tuple[str, tuple[str, ...]], ...]] = {
    Kind.FLOWCHART: (*_FLOW, (r"Group (.+?) contains", (r"The lane \1 contains", r"The frame \1 holds"))),
    Kind.STATE: (
        (r"^From ", ("In state ", "From state ", "Out of ")),
        (r"leads to", ("moves to", "goes to", "switches to", "leads on to")),
        *_FLOW,
        (r"State (.+?) contains", (r"The composite state \1 contains",)),
    ),
    Kind.BLOCK: _LINKS,
    Kind.TOPOLOGY: _LINKS,
    Kind.SEQUENCE: (
        (r"^Participants:", ("The participants are", "Those involved are", "Participants are")),
        (f"{_NAME} sends {_NAME} to {_NAME}", (r"\3 receives \2 from \1", r"\1 passes \2 to \3",
                                               r"\1 issues \2 to \3")),
        (f"{_NAME} returns {_NAME} to {_NAME}", (r"\1 responds with \2 to \3", r"\3 receives \2 from \1",
                                                 r"\1 answers with \2 to \3")),
        (f"{_NAME} sends {_NAME} to itself", (r"\1 performs \2 itself", r"\1 does \2 by itself",
                                              r"\1 calls \2 on itself")),
    ),
    Kind.CLASS: (
        (r"^Class (.+?) has", (r"The class \1 has", r"\1 has", r"Class \1 holds")),
        (r"inherits from", ("extends", "is a subclass that extends", "specialises")),
        (r"refers to", ("points to", "holds a reference to", "uses")),
    ),
    Kind.ER: (
        (r"^Entity (.+?) has", (r"The entity \1 has", r"\1 has", r"Entity \1 holds")),
        (r"exactly one", ("one",)),
    ),
}  # fmt: skip
