"""What the words in a drawing say of its kind: steps begin with verbs, parts of a system are called by
nouns.

In: texts of boxes, of everything. Out: `WordTraits`, counts and shares that a person can check. Decides
nothing. English only; in other languages the shares are 0 and what is drawn decides alone.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from dic_ingest.structure.kinds_axes import is_number

_NETWORK = re.compile(
    r"\b(?:routers?|switch(?:es)?|firewalls?|subnets?|vlans?|vpcs?|vpns?|lan|wan|dmz|internet|"
    r"load ?balancers?|eth\d|\d{1,3}(?:\.\d{1,3}){3}(?:/\d+)?|sites?|regions?|data ?cent(?:er|re)s?|"
    r"leaf|spine|gnb|enb|base stations?|racks?)\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^(?:step\s*)?\(?(\d{1,2})[.):]?(?:\s|$)", re.IGNORECASE)
_WORD = re.compile(r"[a-zA-Z]+")
# which one of several: "app a", "sidecar 1", "foo-v2"
_COUNTED_OFF = re.compile(r"(?:[\W_]*v?\d+|[\W_]+[a-z])\W*$")


@cache
def _known() -> dict[str, frozenset[str]]:
    """Verbs that steps begin with, and nouns that parts of a system are called by."""
    text = resources.files("dic_ingest.structure").joinpath("kinds_words.json").read_text("utf-8")
    return {name: frozenset(words) for name, words in json.loads(text).items()}


@dataclass(frozen=True, slots=True)
class WordTraits:
    """Shares (0..1) are of the boxes with words."""

    steps: float = 0.0  # begin with a verb, as instructions do
    questions: float = 0.0  # end with a question mark
    numbered: int = 0  # how far the boxes count: 1, 2, 3 ...
    parts: float = 0.0  # name a part of a system
    network: int = 0  # texts anywhere that name what networks are made of
    long: float = 0.0  # five words or more
    single: float = 0.0  # one word
    again: float = 0.0  # bear a name that another box has, too, but for a number or letter behind it
    numbers: float = 0.0  # a number alone, as bars with their values have; not where they count 1, 2, 3


def word_traits(boxes: Sequence[str], texts: Sequence[str]) -> WordTraits:
    """Traits of the texts of the boxes, each joined, and of all texts."""
    split = [[w.casefold() for w in _WORD.findall(b)] for b in boxes]
    said = [ws for ws in split if ws]
    count = max(1, len(said))
    counted = _counted(boxes)
    alone = 0 if counted else sum(is_number(b) for b in boxes)
    return WordTraits(
        steps=sum(_is_step(ws) for ws in said) / count,
        questions=sum(b.strip().endswith("?") for b in boxes) / count,
        numbered=counted,
        parts=sum(any(w in _known()["parts"] for w in ws) and not _is_step(ws) for ws in said) / count,
        network=sum(bool(_NETWORK.search(t)) for t in texts),
        long=sum(len(ws) >= 5 for ws in said) / count,
        single=sum(len(ws) == 1 for ws in said) / count,
        again=_repeated(boxes) / count,
        numbers=alone / max(1, len(boxes)),
    )


def _is_step(words: Sequence[str]) -> bool:
    """Whether a text begins with a verb that something follows: "check stock", "sends it on"."""
    if len(words) < 2:
        return False
    first = words[0]
    stems = (first, first.removesuffix("s"), first.removesuffix("es"), first.removesuffix("ies") + "y")
    # "store manager", "update service" are names
    return any(s in _known()["verbs"] for s in stems) and not (
        len(words) == 2 and words[1] in _known()["parts"]
    )


def _repeated(boxes: Sequence[str]) -> int:
    """Boxes that share their name with another: "Pod 1" and "Pod 2"."""
    bare = [_COUNTED_OFF.sub("", b.strip().casefold()) for b in boxes]
    times = Counter(b for b in bare if _WORD.search(b) and len(b) >= 3)
    return sum(n for n in times.values() if n > 1)


def _counted(boxes: Sequence[str]) -> int:
    """The largest n for which boxes begin with 1 to n; 0 under three."""
    found = {int(m[1]) for b in boxes if (m := _NUMBERED.match(b.strip()))}
    n = 0
    while n + 1 in found:
        n += 1
    return n if n >= 3 else 0
