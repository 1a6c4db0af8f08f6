"""Objective questions: which option a reply chose. Replies in, right or wrong out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dic_ingest.captioning.evidence_text import tokens
from dic_ingest.evaluation.pairs import Question

LETTER = re.compile(
    r"^\W*(?:(?:the )?(?:correct )?(?:answer|option|choice)(?: is)?\W*)?\(?([A-Z])(?:[).:,\s]|$)", re.I
)


def chosen(reply: str, options: Sequence[str]) -> str:
    """The option that a reply names, by its text or its letter ("B", "B) ...", "The answer is B.").

    "" where it names none, or two: listing all of them is no answer.
    """
    said = tokens(reply)
    plain = [tokens(o) for o in options]
    for option, own in zip(options, plain, strict=True):
        if own and said == own:
            return option
    letter = LETTER.match(reply.strip())
    at = ord(letter[1].upper()) - ord("A") if letter else len(options)
    stands = [i for i, own in enumerate(plain) if own and _within(own, said)]
    # "A router" begins with a letter and is a text: what stands there as a whole counts first
    longest = [i for i in stands if not any(i != j and _within(plain[i], plain[j]) for j in stands)]
    if at < len(options) and (longest in ([], [at]) or len(said) == 1):
        return options[at]
    return options[longest[0]] if len(longest) == 1 else ""


def is_right(question: Question, reply: str) -> bool:
    """Whether the reply to an objective question chose its answer."""
    return chosen(reply, question.options) == question.answer


def _within(part: Sequence[str], whole: Sequence[str]) -> bool:
    size = len(part)
    return any(whole[i : i + size] == part for i in range(len(whole) - size + 1))
