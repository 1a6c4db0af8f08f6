"""Countable traits of a drawing from which its kind is told: plain numbers that a person can check on the
picture.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dic_ingest.structure.kinds_words import WordTraits


@dataclass(frozen=True, slots=True)
class Traits:
    """Numbers of what is drawn. `shares` are 0..1 of the connecting lines."""

    boxes: int = 0  # outlines with text of their own
    connectors: int = 0  # lines between outlines
    lifelines: int = 0
    mirrored: int = 0  # lifelines whose head is drawn again at a far foot
    messages: int = 0
    message_share: float = 0.0  # by length, of the lines that are not upright
    directed: float = 0.0
    both_ways: float = 0.0
    undirected: float = 0.0
    onward: float = 0.0  # share of the links that run in the one main direction
    curved: float = 0.0  # share of the links that swing, as flow layouts draw them
    answers: int = 0  # yes, no, true, false
    labelled: float = 0.0
    generalised: int = 0  # hollow triangles, diamonds at ends
    feet: int = 0
    compartments: int = 0  # boxes with level dividers through them
    tables: int = 0  # boxes of three rows or more, or with upright dividers
    members: float = 0.0  # share of texts that read like members of a class
    keys: int = 0  # PK, FK
    cardinals: int = 0
    dots: int = 0  # small filled circles that a line leaves or enters
    bulls: int = 0  # circle in a circle
    diamonds: int = 0
    terminals: int = 0  # stadiums and parallelograms with text
    rounded: float = 0.0  # share of boxes
    words: float = 0.0  # in a box, the middle of all
    icons: int = 0
    frames: int = 0  # outlines around two boxes or more
    loose: float = 0.0  # share of boxes that no line touches
    cylinders: int = 0
    ticks: int = 0  # numbers in one evenly spaced row or column
    axes: int = 0  # long lines beside such numbers
    percents: int = 0
    cells: int = 0  # boxes side by side that share borders
    sectors: int = 0  # filled outlines without text, of several colours
    said: WordTraits = field(default_factory=WordTraits)  # what the words say
