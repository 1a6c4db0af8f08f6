"""A caption as atomic statements that stand alone, and back: bullets and lines kept, pronouns resolved.

"At the decision X: yes leads to A; no leads to B" gives two statements that both name X.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from dic_ingest.text.tokens import tokens

_BULLET = re.compile(r"^\s*(?:[-*\u2022]|\d{1,4}[.)])\s+")
_STOPS = re.compile(r"[.;:!?]\s|[;\"]")
_QUOTED = re.compile(r'"[^"]{1,400}"|\u201c[^\u201d]{1,400}\u201d')
_SENTENCE = re.compile(r"([.!?])\s+(?=\S)")
_ABBREVIATED = re.compile(
    r"(?:^|[\s(])(?:e\.g|i\.e|cf|vs|resp|approx|incl|figs?|eq|sec|ch|vol|dr|mr|ms|st)$|^\s*(?:\w|\d+)$",
    re.I,
)
_ETC = re.compile(r"\betc$", re.IGNORECASE)
_PARTED = re.compile(r";(?!\s*(?:otherwise|else|if not)\b)")  # an alternative belongs to its condition
_HEAD = re.compile(r"^([^:;]{1,200}):\s+(?=.*;)", re.DOTALL)
_PRONOUN = re.compile(
    r"^(?:It|This|They|These|The latter|This (?:step|node|block|component|state))\b(?=\s+[a-z])"
)


@dataclass(frozen=True, slots=True)
class Atom:
    """One statement. `text` as it stands; `readings` self-contained forms of it, at least one."""

    line: int
    bullet: str
    sentence: int
    head: str  # what the sentence's other statements share with it, "" if nothing
    text: str
    readings: tuple[str, ...] = ()


def atoms(caption: str, names: Iterable[str] = ()) -> list[Atom]:
    """The caption's statements in order. `names` are kept whole whatever stops stand in them."""
    found: list[Atom] = []
    dotted = sorted({n for n in names if _STOPS.search(n)}, key=len, reverse=True)
    whole_names = re.compile("|".join(re.escape(n) for n in dotted)) if dotted else None
    number = 0
    for at, line in enumerate(caption.splitlines()):
        bullet = _BULLET.match(line)
        lead = bullet[0] if bullet else line[: len(line) - len(line.lstrip())]
        masked, labels = _masked(line[len(lead) :], whole_names)
        for sentence in _sentences(masked):
            number += 1
            for head, clause in _clauses(sentence):
                text, shared = _shown(clause, labels), _shown(head, labels)
                if tokens(text):
                    full = f"{shared}: {text}" if shared else text
                    found.append(Atom(at, lead, number, shared, text, _readings(full, found)))
                lead = lead if not tokens(text) else ""
    return found


def joined(kept: list[Atom]) -> str:
    """Statements as text again: those of a sentence behind their common head, lines as they were."""
    lines: dict[int, list[str]] = {}
    bullets: dict[int, str] = {}
    open_head: tuple[int, str] | None = None
    for atom in kept:
        parts = lines.setdefault(atom.line, [])
        bullets.setdefault(atom.line, atom.bullet)
        same = (atom.sentence, atom.head)
        text = atom.text.strip()
        if atom.head and open_head == same:
            parts[-1] = f"{parts[-1].rstrip('.')}; {text}"
        elif atom.head:
            parts.append(f"{atom.head}: {text}")
        else:
            parts.append(f"{text[0].upper()}{text[1:]}" if text[0].islower() else text)
        open_head = same
    return "\n".join(
        bullets[at] + " ".join(_stopped(p) for p in parts) for at, parts in sorted(lines.items())
    )


def _stopped(text: str) -> str:
    return text if text[-1] in ".!?:" else f"{text}."


def _clauses(sentence: str) -> list[tuple[str, str]]:
    """(shared head, statement) for each part between semicolons."""
    head = _HEAD.match(sentence)
    if not head:
        return [("", part.strip()) for part in _PARTED.split(sentence) if part.strip()]
    return [(head[1], part.strip()) for part in _PARTED.split(sentence[head.end() :]) if part.strip()]


def _readings(text: str, before: list[Atom]) -> tuple[str, ...]:
    """The text, its leading pronoun replaced by each name of the statement before."""
    pronoun = _PRONOUN.match(text)
    if not pronoun or not before:
        return (text,)
    names = list(dict.fromkeys(_QUOTED.findall(before[-1].readings[0])))
    if not names:
        subject = re.match(r"^(?:The |An? )?([A-Z][\w-]*(?:\s+[A-Z0-9][\w-]*)*)", before[-1].readings[0])
        names = [subject[0]] if subject else []
    return tuple(f"{name}{text[pronoun.end() :]}" for name in names[:4]) or (text,)


def changed(atom: Atom, text: str) -> Atom:
    """The statement with another text; it shares its sentence with no other."""
    return replace(atom, text=text, head="", readings=(text,))


def _sentences(line: str) -> list[str]:
    """Cut behind full stops, but not those of abbreviations and numbered names."""
    found, start = [], 0
    for stop in _SENTENCE.finditer(line):
        before, ahead = line[start : stop.start()], line[stop.end()]
        if stop[1] != "." or not (_ABBREVIATED.search(before) or (_ETC.search(before) and ahead.islower())):
            found.append(line[start : stop.end(1)])
            start = stop.end()
    return [*found, line[start:]]


def _masked(line: str, names: re.Pattern[str] | None) -> tuple[str, list[str]]:
    labels: list[str] = []

    def keep(match: re.Match[str]) -> str:
        labels.append(match[0])
        return f"\x00{len(labels) - 1}\x00"

    line = line.replace("\x00", "")
    line = names.sub(keep, line) if names else line
    return _QUOTED.sub(keep, line), labels


def _shown(text: str, labels: list[str]) -> str:
    for _ in range(2):  # a name may hold a quoted one
        text = re.sub(r"\x00(\d+)\x00", lambda m: labels[int(m[1])], text)
    return text
