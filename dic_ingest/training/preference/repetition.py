"""How far texts go round in circles: the share of word quadruples that were said before.

The sign of collapse that UltraCaption reports for plain DPO; 0 for a text that never repeats itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from dic_ingest.captioning.grounding.reply import loops

WORDS = 4


def repetition(text: str) -> float:
    """Share of the text's quadruples of words that occurred before in it; 0 for texts of up to four words."""
    words = text.split()
    found = [tuple(words[i : i + WORDS]) for i in range(len(words) - WORDS + 1)]
    return 1 - len(set(found)) / len(found) if found else 0.0


def repetition_rates(texts: Sequence[str]) -> dict[str, float]:
    """Mean share over the texts, and the share of texts that the engine would refuse as loops."""
    count = max(1, len(texts))
    return {
        "repetition": sum(map(repetition, texts)) / count,
        "loops": sum(map(loops, texts)) / count,
        "words": sum(len(t.split()) for t in texts) / count,
    }
