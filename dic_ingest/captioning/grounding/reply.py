"""A model's reply into caption and graph: filler off, Mermaid read, loops, refusals and emptiness told.

In: raw text. Out: `Reply`; where `fault` is set nothing in it may be used.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass

from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.sources.diagram_files.languages.mermaid.read import read_mermaid

MAX_CHARS = 60_000
LOOP_LINES = 6  # the same line so often, or
LOOP_SHARE = 0.5  # such a share of the text's word quadruples seen before, is a loop
LOOP_WORDS = 80

_FENCE = re.compile(r"```[ \t]*(\w*)[ \t]*\n(.*?)(?:\n[ \t]*```|\Z)", re.DOTALL)
_BARE_SOURCE = re.compile(
    r"^(?:flowchart|graph)[ \t]+(?:TB|TD|LR|BT|RL)\b.*\Z"
    r"|^(?:sequenceDiagram|stateDiagram(?:-v2)?|classDiagram|erDiagram)[ \t]*\n.*\Z",
    re.DOTALL | re.MULTILINE,
)
_THINKING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_TOKENS = re.compile(r"<\|[^|<>]{1,40}\|>|</?s>|\[/?INST\]")
_OPENING = re.compile(
    r"^(?:sure|certainly|of course|absolutely|okay|ok|great|here(?:'s| is| are)|below is|let me|as an ai|"
    r"i(?:'d| would) be (?:happy|glad)|based on the (?:image|picture|figure)(?: and [\w\s]+)? provided)\b"
    r"[^\n]{0,160}?(?:[:!]|\.(?=\s|$))\s*",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"\s*(?:(?:please )?(?:let me know|feel free|i hope|hope this|would you like|"
    r"if you (?:need|have|would|want)|is there anything)\b[^\n]{0,240})\s*$",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"^\s*(?:#{1,6}\s*)?(?:\*\*)?(?:caption|description|summary|answer|transcription|logical text|overview|"
    r"mermaid(?: code| source| diagram)?)(?:\*\*)?\s*:?\s*(?:\*\*)?\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_LEAD = re.compile(
    r"^\s*(?:\*\*)?(?:caption|description|answer|logical text)(?:\*\*)?\s*:\s*(?:\*\*)?\s*", re.I
)
_PICTURE = re.compile(
    r"\b(?:the|this) (?:image|picture|photo) (?:shows|depicts|displays|presents)\b", re.IGNORECASE
)
_REFUSAL = re.compile(
    r"\b(?:i(?:'m| am)? (?:sorry|unable|not able)|i (?:can(?:no|')t|could not|couldn't|do not|don't) "
    r"(?:see|view|help|assist|process|describe|access|comply|provide|identify|read|analy[sz]e)|"
    r"no image (?:was|has been|is) (?:provided|attached|given)|as an ai(?: language)? model,? i|"
    r"cannot (?:assist|help) with)\b",
    re.IGNORECASE,
)
_MARKS = re.compile(r"\*\*(.+?)\*\*|__(.+?)__")
_ENDED = re.compile(r"([.!?\n])[^.!?\n]*\Z")
_DATA = re.compile(r"""\s*(?:\{\s*["'}]|\[\s*[\[{"'])""")
_RULE = re.compile(r"^\s*(?:#{1,6}\s+|-{3,}\s*$|\*{3,}\s*$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Reply:
    """`fault` is "", "empty", "refused", "loop" or "garbage"; `mermaid` the source as the model wrote it."""

    caption: str = ""
    diagram: Diagram | None = None
    mermaid: str = ""
    fault: str = ""


def read_reply(text: str, kind: Kind = Kind.OTHER, cut: bool = False) -> Reply:
    """What can be used of a reply to a captioning prompt; JSON with caption and mermaid is taken as such.

    `cut`: a limit ended the reply, so that its last sentence may be half a one and is left out.
    """
    text = _TOKENS.sub("", _THINKING.sub("", text[:MAX_CHARS])).strip()
    if not text:
        return Reply(fault="empty")
    if loops(text):
        return Reply(fault="loop")
    prose, source = _parts(text)
    caption = tidy(prose)
    if cut and not source:
        caption = _ENDED.sub(r"\1", caption) if _ENDED.search(caption) else ""
    if _REFUSAL.search(prose[:300]) and len(prose.split()) < 80 and not source:
        return Reply(fault="refused")
    diagram = read_mermaid(source, kind) if source else None
    data = bool(_DATA.match(caption))  # JSON or a Python dict without a caption in it
    caption = "" if data else caption
    if not caption and diagram is None:
        return Reply(mermaid=source, fault="garbage" if source or data else "empty")
    if caption and not _readable(caption):
        return Reply(fault="garbage")
    return Reply(caption, diagram, source)


def _parts(text: str) -> tuple[str, str]:
    """Prose and Mermaid source; the reply may be JSON, prose with a fenced block, or bare source."""
    told = _json(text)
    if told is not None:
        return told
    source = ""
    for language, body in _FENCE.findall(text):
        if language.lower() in ("json", "") and (told := _json(body)) is not None:
            return told
        if not source and (language.lower() == "mermaid" or _BARE_SOURCE.search(body.strip() + "\n")):
            source = body.strip()
    prose = _FENCE.sub("\n", text)
    bare = None if source else _BARE_SOURCE.search(prose)
    if bare:
        source, prose = bare[0].strip(), prose[: bare.start()]
    return prose, source


def _json(text: str) -> tuple[str, str] | None:
    """`caption` and `mermaid` of a JSON object, also of one that was cut off, or of a Python dict.

    None where it is none, or has no caption.
    """
    text = text.strip()
    if not text.startswith("{"):
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        found = {k: _string(text, k) for k in ("caption", "mermaid")}
        return (found["caption"], found["mermaid"]) if any(found.values()) else None
    if not isinstance(data, dict) or not isinstance(data.get("caption"), str):
        return None
    mermaid = data.get("mermaid")
    source = mermaid.strip() if isinstance(mermaid, str) else ""
    fenced = _FENCE.search(source)
    return data["caption"], fenced[2].strip() if fenced else source


def _string(text: str, key: str) -> str:
    """The text of a key, in double quotes or in single ones."""
    found = re.search(rf"""["']{key}["']\s*:\s*(?:"((?:[^"\\]|\\.)*)|'((?:[^'\\]|\\.)*))""", text)
    if not found:
        return ""
    body = found[1] if found[1] is not None else found[2].replace("\\'", "'").replace('"', '\\"')
    try:
        return str(json.loads(f'"{body}"', strict=False))
    except ValueError:
        return ""


def tidy(text: str) -> str:
    """Prose without chat around it, headings or Markdown marks."""
    text = _HEADING.sub("", text).strip()
    for _ in range(3):
        shorter = _CLOSING.sub("", _LEAD.sub("", _OPENING.sub("", text, 1)).strip()).strip()
        if shorter == text:
            break
        text = shorter
    text = _MARKS.sub(lambda m: m[1] or m[2], _RULE.sub("", text))
    text = _PICTURE.sub(lambda m: f"The figure {m[0].split()[-1]}", text)
    return re.sub(r"\n{2,}", "\n", text).strip()


def loops(text: str) -> bool:
    """Whether the text goes round in circles: one line over and over, or mostly words said before."""
    lines = Counter(line.strip() for line in text.splitlines() if len(line.strip()) > 12)
    if lines and lines.most_common(1)[0][1] >= LOOP_LINES:
        return True
    words = text.split()
    if len(words) < LOOP_WORDS:
        tail = " ".join(words[-24:])
        return bool(re.search(r"(\b.{1,60}?\b)(?:\W+\1){5,}\W*$", tail)) if words else False
    seen = Counter(tuple(words[i : i + 6]) for i in range(len(words) - 5))
    return sum(n - 1 for n in seen.values()) > LOOP_SHARE * (len(words) - 5)


def _readable(text: str) -> bool:
    """Letters in words, rather than noise."""
    letters = sum(c.isalpha() or c.isspace() for c in text)
    return letters >= 0.5 * len(text) and any(c.isalpha() for c in text)
