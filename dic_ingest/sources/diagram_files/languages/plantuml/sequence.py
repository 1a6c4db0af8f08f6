"""PlantUML sequence statements -> participants, messages in order, frames."""

from __future__ import annotations

import re

from dic_ingest.model.diagram import Diagram, Edge, End
from dic_ingest.sources.diagram_files.languages.messages import Messages
from dic_ingest.sources.diagram_files.languages.plantuml.text import PlantUmlText, label

KEYWORDS = "participant|actor|boundary|control|entity|database|collections|queue"
_SHAPES = {"actor": "actor", "database": "cylinder"}
_DECLARED = re.compile(rf"^(?:create\s+)?({KEYWORDS})\s+(.+)$", re.IGNORECASE)
_ALIAS = re.compile(r'^("[^"]*"|.+?)\s+as\s+("[^"]*"|\S+)(.*)$', re.IGNORECASE)
_NAME = r'"[^"]*"(?:\s+as\s+[\w.@]+)?|:[^:]+:|[\w.@/][\w.@/\\]*|[\[\]?]'
_ARROW = (
    r"[ox]?(?:<<?|//?|\\\\?)?[ox]?(?:\[[^\]]*\])?(?:-+|\.+)(?:\[[^\]]*\])?-*"
    r"(?:>>?|//?|\\\\?)?[oxX]?(?=[\s\"\w\[\]:?@]|$)"
)
_MESSAGE = re.compile(
    rf"^({_NAME})?\s*(?:\((?:\d+)\))?\s*({_ARROW})\s*(?:\((?:\d+)\))?\s*({_NAME})?"
    r"\s*((?:\+\+|--|\*\*|!!)*)\s*(?:#\w+)?\s*(?::\s*(.*))?$"
)
_FRAME = re.compile(
    r"^(loop|alt|opt|par2?|break|critical|group|partition)(?:#[\w/]+)?(?:\s+(.*))?$", re.IGNORECASE
)
_SECTION = re.compile(r"^(else|also)(?:#\w+)?(?:\s+(.*))?$", re.IGNORECASE)
_BOX = re.compile(r'^box\b\s*(?:"([^"]*)"|([^#]*))?\s*(?:#\S+)?\s*$', re.IGNORECASE)
_REF = re.compile(r"^ref\s+over\s+([^:]+):\s*(.*)$", re.IGNORECASE)
_IGNORED = re.compile(
    r"^(?:activate|deactivate|destroy|create|autonumber|return|==.*==|\.\.\.|\|\|\||\|\|\d+\|\||"
    r"(?:left to right|top to bottom) direction|!|&)",
    re.IGNORECASE,
)


def read_sequence(source: PlantUmlText) -> Diagram | None:
    """The diagram of a source's statements; None where most of them are not this grammar."""
    made = Messages(notes=list(source.notes), title=source.title)
    calls: list[tuple[str, str]] = []
    for line in source.lines:
        _statement(made, line.removeprefix("&").strip(), calls)
    return None if made.bad > len(source.lines) / 2 else made.diagram()


def is_message(line: str) -> bool:
    """Whether a statement is a message between two participants."""
    return bool(_MESSAGE.match(line))


def _statement(made: Messages, line: str, calls: list[tuple[str, str]]) -> None:
    lower = line.lower()
    if lower.startswith("activate ") and made.edges:
        calls.append((made.edges[-1].source, made.edges[-1].target))
    if found := _DECLARED.match(line):
        _declare(made, found[1].lower(), found[2])
    elif found := _BOX.match(line):
        made.open("box", label(found[1] or found[2] or ""))
    elif lower.startswith("end"):
        made.close()
    elif found := _FRAME.match(line):
        kind = found[1].lower()
        made.open({"partition": "group", "par2": "par"}.get(kind, kind), _guard(found[2] or ""))
    elif found := _SECTION.match(line):
        made.section(_guard(found[2] or ""))
    elif found := _REF.match(line):
        made.notes.append(label(found[2]))
    elif lower.startswith("return") and calls:
        caller, called = calls.pop()
        made.edges.append(Edge(called, caller, label(line[6:]), True, "dashed"))
    elif not _message(made, line, calls):
        made.bad += not _IGNORED.match(line)


def _guard(text: str) -> str:
    return label(text.strip().removeprefix("{").removesuffix("{"))


def _declare(made: Messages, kind: str, rest: str) -> None:
    rest = re.sub(r"\s+(?:order\s+-?\d+|#\S+)|<<.*?>>", "", rest).strip()
    found = _ALIAS.match(rest)
    if not found:
        name = rest.split("[")[0].strip() if rest.endswith("[") else rest
        made.participant(_plain(name), label(name), _SHAPES.get(kind, "rect"))
        return
    a, b = found[1], found[2]
    text, name = (b, a) if b.startswith('"') and not a.startswith('"') else (a, b)
    made.participant(_plain(name), label(text), _SHAPES.get(kind, "rect"))


def _plain(name: str) -> str:
    return name.strip().strip('"').strip(":").strip()


def _message(made: Messages, line: str, calls: list[tuple[str, str]]) -> bool:
    found = _MESSAGE.match(line)
    if not found or not (found[1] or found[3]):
        return False
    left, arrow, right, marks, text = found.groups()
    bare = re.sub(r"\[[^\]]*\]", "", arrow)
    heads = bool(re.match(r"[ox]?[</\\]", bare)), bool(re.search(r"[>/\\][oxX]?$", bare))
    crossed = bare.lower().endswith("x") or bare.startswith("x")
    a, b = _end(made, left, right), _end(made, right, left)
    if not a or not b or not (any(heads) or (left and right)):
        return False
    end = End.CROSS if crossed else End.ARROW if any(heads) else End.NONE
    both = all(heads)
    if heads[0] and not both:
        a, b = b, a
    dashed = "--" in bare or ".." in bare
    directed = end is not End.NONE
    made.edges.append(
        Edge(
            a,
            b,
            label(text or ""),
            directed,
            "dashed" if dashed else "solid",
            End.ARROW if both else End.NONE,
            end,
        )
    )
    if "++" in marks:
        calls.append((a, b))
    return True


OUTSIDE = "outside"


def _end(made: Messages, name: str | None, other: str | None) -> str:
    """A participant; a message from or to the edge of the drawing comes from outside."""
    if name is None or name in ("[", "]", "?"):
        if other is None or other in ("[", "]", "?"):
            return ""
        return made.participant(OUTSIDE, "", "icon", "")
    alias = re.match(r'("[^"]*")\s+as\s+(\S+)$', name)
    if alias:
        return made.participant(_plain(alias[2]), label(alias[1]))
    return made.participant(_plain(name), "", "rect", label(name.strip(":")))
