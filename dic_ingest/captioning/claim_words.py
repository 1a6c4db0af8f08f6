"""The words by which sentences relate things: forward, back, both ways, lists; words that claim nothing."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\S+", text))


LIST = _words("and or as well also , both the a an plus either")
BACK = _words("from by receives receive received receiving after <- <-- \u2190 preceded")
LOOSE = _words("connected linked associated related with between exchange exchanges alongside")
INHERIT = _words("inherits inherit extends extend implements implement specialises specializes subclass")
COMPOSE = _words("composed aggregates aggregate")
CHAIN = _words("then which that followed subsequently onwards finally next")
INSIDE = _words("in inside within part belongs belong member")
WAYS = _words("to into from by with")
VERBS = _words(
    """
    leads connects points sends calls flows goes proceeds passes feeds forwards triggers returns branches
    continues moves transitions then is receives loops responds -> --> \u2192 reads writes requests contains
    holds uses invokes refers
    """
)
# of drawings and of processes in general: such words claim nothing that a figure would print
GENERAL = _words(
    """
    er uml such following entities nodes node box boxes blocks components component steps process system
    overall including namely various several main labelled labeled marked named called outcome result
    condition whether reached arrow arrows edge edges relationship relationships followed proceeds branches
    continues responds loops classes states attributes shows represents represented between depicting
    illustrating labels label answer interaction critical section option otherwise
    """
)
NUMBERS = tuple(
    re.findall(r"\w+", "zero one two three four five six seven eight nine ten eleven twelve")
)  # by value
