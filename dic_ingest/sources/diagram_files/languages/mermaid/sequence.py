"""Mermaid `sequenceDiagram` statements into participants, messages in order and frames."""

from __future__ import annotations

import re

from dic_ingest.model.diagram import Diagram, Edge, End
from dic_ingest.sources.diagram_files.languages.mermaid.text import label
from dic_ingest.sources.diagram_files.languages.messages import Messages

_DECLARED = re.compile(r"^(?:create\s+)?(participant|actor)\s+(.+?)(?:\s*@\{.*\})?(?:\s+as\s+(.+))?$")
_HEADED = r"<<-->>|<<->>|-->>|->>|-->|->"
_MESSAGE = re.compile(rf"^(.+?)\s*({_HEADED})\s*([+-]?)\s*(.+?)\s*(?::\s*(.*))?$")
_OTHER = re.compile(r"^(.+?)\s*(--x|-x|--\)|-\))\s*([+-]?)\s*(.+?)\s*(?::\s*(.*))?$")
_FRAME = re.compile(r"^(loop|alt|opt|par|par_over|critical|break|rect|box)\b\s*(.*)$")
_SECTION = re.compile(r"^(else|and|option)\b\s*(.*)$")
_NOTE = re.compile(r"^[Nn]ote\s+(?:over|left of|right of)\s+([^:]+):\s*(.*)$")
_COLOUR = re.compile(r"^(?:transparent|rgba?\([^)]*\)|#[0-9a-fA-F]{3,8}|[a-z]+)(?=\s|$)\s*")
_IGNORED = re.compile(
    r"^(?:autonumber|activate|deactivate|destroy|link|links|properties|details|accTitle|accDescr)\b"
)


def read_sequence(lines: list[str]) -> Diagram | None:
    """Statements after the header; None where most of them are not this grammar."""
    made = Messages()
    for line in lines:
        _statement(made, line)
    return None if made.bad > len(lines) / 2 else made.diagram()


def _participant(made: Messages, name: str, text: str = "", shape: str = "rect") -> str:
    name = name.strip().strip('"').removeprefix("()").removesuffix("()").strip()
    return made.participant(name, text, shape, label(name))


def _statement(made: Messages, line: str) -> None:
    declared, frame, section = _DECLARED.match(line), _FRAME.match(line), _SECTION.match(line)
    note = _NOTE.match(line)
    if declared:
        shape = "actor" if declared[1] == "actor" else "rect"
        _participant(made, declared[2], label(declared[3] or ""), shape)
    elif note:
        made.notes.append(label(note[2]))
        for name in note[1].split(","):
            _participant(made, name)
    elif frame:
        _open(made, frame[1], frame[2])
    elif section and made.stack:
        made.section(label(section[2]))
    elif line == "end":
        made.close()
    elif line.startswith("title"):
        made.title = label(line[5:].lstrip(" :"))
    elif not _IGNORED.match(line):
        made.bad += not _message(made, line)


def _open(made: Messages, kind: str, text: str) -> None:
    if kind == "box":
        text = _COLOUR.sub("", text) if " " in text.strip() or text.strip() == "transparent" else text
    made.open("par" if kind == "par_over" else kind, label(text))


def _message(made: Messages, line: str) -> bool:
    found = _MESSAGE.match(line) or _OTHER.match(line)
    if not found:
        return False
    source, arrow, _, target, text = found.groups()
    both = arrow.startswith("<<")
    end = End.CROSS if arrow.endswith("x") else End.ARROW
    if arrow in ("->", "-->"):
        end = End.NONE
    made.edges.append(
        Edge(
            _participant(made, source),
            _participant(made, target.lstrip("+-")),
            label(text or ""),
            end is not End.NONE,
            "dashed" if "--" in arrow else "solid",
            End.ARROW if both else End.NONE,
            end,
        )
    )
    return True
