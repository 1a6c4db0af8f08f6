"""How a large model is asked and checked, whichever engine runs it. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass, field

from dic_ingest.captioning.prompts import PromptSettings
from dic_ingest.errors import SettingsError


@dataclass(frozen=True, slots=True)
class GroundingSettings:
    """How a large model is asked and checked. `max_side` is of a picture's longer side, in pixels."""

    prompt: PromptSettings = field(default_factory=PromptSettings)
    structured: bool = False
    looks: int = 1  # second looks at what was left out; one is enough for small models (MM-SeR, table 7)
    steps: bool = False  # the critic lists, checks and sums up before it judges (UltraCaption, figure 14)
    critic: bool = True  # ask the model itself about statements on which the drawing is silent
    max_side: int = 1600
    tiles: int = 4

    def __post_init__(self) -> None:
        if not 0 <= self.looks <= 3 or self.max_side < 64 or not 0 <= self.tiles <= 16:
            raise SettingsError(
                "GroundingSettings: looks must lie in 0..3, tiles in 0..16, max_side must be at least 64"
            )
