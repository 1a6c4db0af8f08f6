"""Words of a figure or document that address a reader machine: found, fenced, told, never obeyed.

In: texts that came with a document. Out: the pieces that look like instructions. A hit changes nothing of
what is kept: the words stay data, and the figure says so (`Description.suspicious`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from dic_ingest.text.tokens import tokens

MAX_CHARS = 50_000  # looked at, of all texts together
MAX_TOLD = 5
EXCERPT = 120

_VERB = r"(?:ignore|disregard|forget|override|bypass|skip|drop)"
_BEFORE = r"(?:previous|prior|above|earlier|preceding|all|any|the|your|these|those|system|original|following)"
_ORDERS = (
    r"(?:instructions?|prompts?|rules?|guidelines?|directions?|messages?|commands?|context|constraints?)"
)
_SIGNS = (
    rf"\b{_VERB}\b(?:\s+\w+){{0,3}}?\s+{_BEFORE}(?:\s+\w+){{0,3}}?\s+{_ORDERS}\b",
    rf"\b(?:new|updated|real|actual|hidden|secret)\s+{_ORDERS}\s*:",
    r"\byou\s+are\s+(?:now|no\s+longer)\s+(?:an?|the|in|bound|allowed|acting|free)\b",
    r"\b(?:you|assistant|model|ai|llm|chatbot)\s+(?:must|should|will|shall|are\s+to|have\s+to)\s+(?:now\s+|only\s+|"
    r"always\s+|never\s+)?(?:say|output|answer|reply|respond|print|write|describe|claim|state|report|reveal|ignore|"
    r"repeat|pretend|caption|summari[sz]e)\b",
    r"\b(?:reveal|print|repeat|output|leak|exfiltrate)\s+(?:\w+\s+){0,3}(?:system\s+prompt|hidden\s+prompt|"
    r"instructions\s+verbatim|api\s+keys?|passwords?|credentials|secrets)\b",
    r"\b(?:respond|answer|reply|output|say)\s+(?:only|exactly|just)\s+(?:with|the|\")",
    r"\b(?:instead|rather)\s*,?\s+(?:say|output|answer|reply|respond|describe|write|claim)\b",
    r"\bdo\s+not\s+(?:describe|mention|caption|transcribe|tell|reveal|follow)\b(?=.*\b(?:image|figure|picture|diagram|user|"
    r"this|instead|instructions?)\b)",
    r"\b(?:describe|caption|report)\s+(?:this|the)\s+(?:image|figure|picture|diagram)\s+as\b",
    r"\bpretend\s+(?:to\s+be|that|you)\b|\bact\s+as\s+(?:an?|the)\s+(?:\w+\s+)?(?:assistant|ai|model|administrator|admin"
    r"|root|developer)\b|\bjailbreak\b|\bprompt\s+injection\b|\bdeveloper\s+mode\b",
    r"<\|?\s*(?:im_start|im_end|system|assistant|user|endoftext|eot_id|start_header_id)\s*\|?>|\[/?INST\]|<<SYS>>",
    r"(?:^|[\n.;])\s*(?:system|assistant)\s*:\s*(?:you|ignore|the\s+user)\b",
    r"忽略.{0,8}(?:指令|提示|说明)|无视.{0,8}(?:指令|提示)|ignoriere?\s+(?:alle\s+)?(?:vorherigen|bisherigen)\b"
    r"|ignore[rz]?\s+(?:toutes\s+)?les\s+instructions|ignora\s+(?:todas\s+)?las\s+instrucciones",
)
_SUSPECT = re.compile("|".join(f"(?:{s})" for s in _SIGNS), re.IGNORECASE)
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]")


def suspicious(texts: Iterable[str]) -> tuple[str, ...]:
    """Excerpts that look like instructions to a machine, at most five; () for ordinary documents."""
    found: dict[str, None] = {}
    left = MAX_CHARS
    for text in texts:
        plain = plain_text(text[:left])
        left -= len(plain)
        for match in _SUSPECT.finditer(plain):
            start = max(0, match.start() - 10)
            found[" ".join(plain[start : start + EXCERPT].split())] = None
        if left <= 0 or len(found) >= MAX_TOLD:
            break
    return tuple(found)[:MAX_TOLD]


def orders_words(texts: Iterable[str]) -> frozenset[str]:
    """Tokens that stand in what looks like instructions and nowhere else: words of a model that obeyed."""
    joined = plain_text("\n".join(texts)[:MAX_CHARS])
    spans = [(max(0, m.start() - 10), m.start() - 10 + EXCERPT) for m in _SUSPECT.finditer(joined)]
    inside: set[str] = set()
    rest, at = "", 0
    for start, end in spans:
        inside.update(tokens(joined[start:end]))
        rest += joined[at : max(at, start)] + " "
        at = max(at, end)
    return frozenset(inside - set(tokens(rest + joined[at:])))


def plain_text(text: str) -> str:
    """Compatibility forms folded, characters that do not show removed: what a reader would see."""
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", text))
