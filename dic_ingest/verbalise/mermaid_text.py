"""Labels and ids as Mermaid's lexers take them: quoted, entity-coded, on one line.

Mermaid writes entities as `#name;`. Only characters that some grammar of Mermaid reads as syntax
are coded: ordinary labels stay readable.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# `style`/`classDef` at any place before `:...#...;` make Mermaid drop a semicolon (encodeEntities);
# `direction LR` is lexed even inside quotes; `wrap:` is a message prefix; `%%{` opens a directive
_WORDS = re.compile(
    r"style|classDef|direction(?=\s)|(?<=^)(?:no)?wrap(?=\s*:)|accTitle|accDescr|(?<=^)title", re.IGNORECASE
)
_CODES = {
    "#": "#35;", ";": "#59;", '"': "#quot;", "`": "#96;", "<": "#lt;", ">": "#gt;", "&": "#amp;",
    "\\": "#92;", "{": "#123;", "}": "#125;", "|": "#124;", "\u00b6": "#182;", "\ufb02": "#64258;",
}  # fmt: skip
_BARE = {**_CODES, ":": "#58;", "%": "#37;", "(": "#40;", ")": "#41;", "[": "#91;", "]": "#93;", ",": "#44;"}
_LINES = re.compile(r"\s*[\r\n\u2028\u2029\x0b\x0c\x85]+\s*")
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\u200b\u2060\ufeff\ud800-\udfff]")
EMPTY = "#32;"


def quoted(label: str) -> str:
    """The label in double quotes, for every grammar that has quoted strings; a space for an empty one."""
    return f'"{_coded(label, _CODES) or " "}"'


def bare(label: str) -> str:
    """The label for places without quotes: sequence messages, state transitions, class relations."""
    return _coded(label, _BARE) or EMPTY


def words_only(label: str, fallback: str) -> str:
    """A name of letters, digits and underscores, for the places that take nothing else."""
    name = re.sub(r"[^0-9A-Za-z_]+", "_", label).strip("_")
    return name if re.match(r"[A-Za-z_]", name) else fallback


def _coded(label: str, codes: dict[str, str]) -> str:
    text = _UNSEEN.sub("", label.strip())
    lines = (_one_line(line, codes) for line in _LINES.split(text) if line.strip())
    return "<br/>".join(lines)


def _one_line(line: str, codes: dict[str, str]) -> str:
    coded = "".join(codes.get(c, c) for c in line.strip()).replace("%%", "%#37;")
    # a first digit and dot or a dash makes Markdown lists of quoted labels ("Unsupported markdown: list")
    coded = re.sub(r"^(\d+)([.)])(?=\s)", lambda m: f"{m[1]}#{ord(m[2])};", coded)
    coded = re.sub(r"^([-*+])(?=\s)", lambda m: f"#{ord(m[1])};", coded)
    return _WORDS.sub(lambda m: f"#{ord(m[0][0])};{m[0][1:]}" if m[0] else "", coded)


def numbered(prefix: str, ids: Iterable[str]) -> dict[str, str]:
    """Safe ids `n1`, `n2`, ... by the diagram's own, in order."""
    return {own: f"{prefix}{i}" for i, own in enumerate(dict.fromkeys(ids), 1)}


def comments(texts: Iterable[str], word: str) -> list[str]:
    """Texts that have no place in the grammar, as comment lines."""
    return [f"    %% {word}: {_coded(t, _BARE).replace('<br/>', ' ')}" for t in texts if t.strip()]
