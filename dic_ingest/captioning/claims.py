"""A sentence as claims on a graph: which nodes it names, what it says runs between them and by which label.

In: one self-contained statement and the graph's index. Out: relations with labels, strange names, counts.
Whether a claim holds is for `verdict.py` to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from dic_ingest.captioning.claim_words import GENERAL, NUMBERS, VERBS, WAYS
from dic_ingest.captioning.evidence_text import content
from dic_ingest.captioning.exact import Exact, Key
from dic_ingest.captioning.relations import Mention, Relation, read_relations

_PART = re.compile(r"[^\W_]+|[\"\u201c\u201d()]|[=-]+>|<[=-]+|[\u2190\u2192]|[,:;]")
_QUOTES = frozenset('"\u201c\u201d')
_ORDINAL = re.compile(r"(?<=[\"\w\u201d])\s\(\d{1,3}\)(?=[\s,.;:]|$)")
_COUNT = re.compile(
    rf"\b(\d{{1,3}}|{'|'.join(NUMBERS[2:])})\s+(?:\w+\s+)?(participant|lifeline|state|class|entit|node|box|"
    r"block|message|transition|relationship|relation|edge|arrow|connection|decision|branch)(?:es|ies|s|y)?\b",
    re.IGNORECASE,
)


@dataclass
class Claims:
    """What one sentence claims."""

    mentions: list[Mention] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)  # quoted names that stand nowhere
    strange: list[str] = field(default_factory=list)  # content words that stand nowhere
    rest: list[str] = field(default_factory=list)  # content words outside names
    counts: list[tuple[int, str]] = field(default_factory=list)
    tail: bool = False  # something is said to lead on to what no name of the graph stands for


def read_claims(text: str, exact: Exact, prefer_labels: bool = False) -> Claims:
    """The claims of a statement; `prefer_labels`: a name of both a node and a line is the line's."""
    for name in exact.names_with_quotes:
        text = text.replace(name, name.replace('"', ""))
    parts = _PART.findall(_ORDINAL.sub("", text))
    claims = Claims()
    taken = [False] * len(parts)
    _quoted(parts, taken, exact, claims, prefer_labels)
    _plain(parts, taken, exact, claims, prefer_labels)
    claims.mentions.sort(key=lambda m: m.at)
    _itself(parts, claims)
    _left(parts, taken, exact, claims)
    claims.relations = read_relations(parts, claims.mentions)
    for number, noun in _COUNT.findall(text):
        value = int(number) if number.isdigit() else NUMBERS.index(number.lower())
        claims.counts.append((value, noun.lower()))
    return claims


def _mention(at: int, end: int, key: Key, exact: Exact, prefer_labels: bool, quoted: bool) -> Mention | None:
    ids, edges = tuple(exact.nodes.get(key, ())), tuple(exact.labels.get(key, ()))
    if ids and edges:
        ids, edges = ((), edges) if prefer_labels else (ids, ())
    if ids or edges or key in exact.texts:
        return Mention(at, end, key, ids, edges, quoted)
    return None


def _quoted(parts: list[str], taken: list[bool], exact: Exact, claims: Claims, prefer: bool) -> None:
    at = 0
    while at < len(parts):
        if parts[at] not in _QUOTES:
            at += 1
            continue
        end = next((i for i in range(at + 1, len(parts)) if parts[i] in _QUOTES), len(parts))
        inside = [p for p in parts[at + 1 : end] if p[0].isalnum()]
        key = tuple(p.casefold() for p in inside)
        near = tuple(exact.find(t) or t for t in key)
        found = _mention(at, end + 1, key, exact, prefer, True) or _mention(
            at, end + 1, near, exact, prefer, True
        )
        if found:
            claims.mentions.append(found)
        elif key and not all(exact.find(t) for t in key):
            claims.invented.append(" ".join(inside))
        elif key:
            claims.mentions.append(Mention(at, end + 1, key, quoted=True))
        taken[at : end + 1] = [True] * (min(end + 1, len(parts)) - at)
        at = end + 1


def _plain(parts: list[str], taken: list[bool], exact: Exact, claims: Claims, prefer: bool) -> None:
    """Names without quotes, the longest first at each place."""
    words = [i for i, p in enumerate(parts) if not taken[i] and p[0].isalnum()]
    at = 0
    while at < len(words):
        for size in range(min(exact.longest, len(words) - at), 0, -1):
            span = words[at : at + size]
            if any(taken[i] for i in range(span[0], span[-1] + 1)):
                continue
            key = tuple(parts[i].casefold() for i in span)
            near = tuple(exact.find(t) or t for t in key)
            start, end = span[0], span[-1] + 1
            found = _mention(start, end, key, exact, prefer, False) or _mention(
                start, end, near, exact, prefer, False
            )
            if found and (content(" ".join(key)) or _as_printed(parts, span, found, exact)):
                claims.mentions.append(found)
                taken[start:end] = [True] * (end - start)
                at += size - 1
                break
        at += 1


def _as_printed(parts: list[str], span: list[int], found: Mention, exact: Exact) -> bool:
    """A name of everyday words ("No", "End") counts only with a capital, and not as a first word."""
    first = parts[span[0]]
    if first[0].islower() or not (found.ids or found.edges):
        return False
    ahead = parts[span[-1] + 1].casefold() if span[-1] + 1 < len(parts) else ""
    return span[0] > 0 or (first.isupper() and len(first) > 1) or ahead in VERBS


def _itself(parts: list[str], claims: Claims) -> None:
    """ "itself" stands for the first node that is named."""
    first = next((m for m in claims.mentions if m.ids), None)
    for at, part in enumerate(parts):
        if first and part.casefold() == "itself" and at > first.at:
            claims.mentions.append(Mention(at, at + 1, ("itself",), first.ids))
    claims.mentions.sort(key=lambda m: m.at)


def _left(parts: list[str], taken: list[bool], exact: Exact, claims: Claims) -> None:
    free = [i for i, p in enumerate(parts) if not taken[i] and p[0].isalnum()]
    odd: list[int] = []
    for i in free:
        word = parts[i].casefold()
        if content(word) and word not in GENERAL:
            claims.rest.append(parts[i])
            if not exact.find(word):
                claims.strange.append(parts[i])
                odd.append(i)
    named = [m for m in claims.mentions if m.ids]
    claims.invented += [parts[i] for i in odd if i > 0 and _proper(parts, i)]
    if not named:
        return
    lead = [i for i in odd if i < named[0].at]
    verbs = [i for i in free if i < named[0].at and parts[i].casefold() in VERBS]
    tail = [i for i in odd if i >= named[-1].end]
    ways = [i for i in free if i >= named[-1].end and parts[i].casefold() in WAYS]
    claims.tail = bool(lead and verbs and lead[0] < verbs[0]) or bool(
        ways and tail and 0 < tail[0] - ways[0] <= 2
    )


def _proper(parts: list[str], at: int) -> bool:
    """Written like a name: a capital or a digit inside a sentence."""
    word = parts[at]
    begins = parts[at - 1] in (".", ":", ";", '"')
    return (word[0].isupper() and not begins) or (
        any(c.isdigit() for c in word) and any(c.isalpha() for c in word)
    )
