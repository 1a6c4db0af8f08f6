"""What is to be synthesised: how many, from which seed, which domains and tools, how large."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from dic_ingest.captioning.engines.settings import EndpointSettings
from dic_ingest.errors import SettingsError
from dic_ingest.training.synthesise.domains import DOMAINS
from dic_ingest.training.synthesise.drawing.render_style import EDITORS

TOOLS = ("mermaid", "graphviz", "plantuml", *EDITORS)


def drawable(tools: Collection[str]) -> tuple[str, ...]:
    """The domains that at least one of the tools draws."""
    return tuple(d for d in DOMAINS if set(DOMAINS[d].tools) & set(tools))


@dataclass(frozen=True, slots=True)
class SynthesisSettings:
    """`count` is DICModel's for stage 1 (arXiv 2601.09298). An endpoint writes part of them."""

    count: int = 7000
    seed: int = 1
    domains: tuple[str, ...] = tuple(DOMAINS)
    tools: tuple[str, ...] = TOOLS
    least: int = 3  # nodes of a drawing; in sequences messages
    most: int = 14
    side: int = 1024  # pixels of a picture's longest side
    validation: float = 0.05  # share of figures; they are of plots that no training figure is of
    test: float = 0.05
    expert: float = 0.6  # share of captions that say more than the lines: the whole, and marked knowledge
    facts: tuple[str, ...] = ()  # TOML files of a domain's own facts and plots, beside the shipped ones
    endpoint: EndpointSettings | None = None

    def __post_init__(self) -> None:
        unknown = [d for d in self.domains if d not in DOMAINS] + [t for t in self.tools if t not in TOOLS]
        if unknown or not self.domains or not self.tools:
            raise SettingsError(
                f"no domain or tool {', '.join(map(repr, unknown))}. Domains: {', '.join(DOMAINS)}; "
                f"tools: {', '.join(TOOLS)}."
            )
        bare = [d for d in self.domains if d not in drawable(self.tools)]
        if bare:
            ways = "; ".join(f"{d} is drawn by {', '.join(DOMAINS[d].tools)}" for d in bare)
            raise SettingsError(f"{', '.join(self.tools)} do not draw every domain: {ways}.")
        if self.count < 1 or not 2 <= self.least <= self.most <= 40 or not 200 <= self.side <= 4096:
            raise SettingsError("SynthesisSettings: count from 1, 2 <= least <= most <= 40, side 200..4096")
        if not 0 <= self.expert <= 1:
            raise SettingsError("SynthesisSettings: expert is a share, 0 to 1")
        if self.validation < 0 or self.test < 0 or self.validation + self.test >= 1:
            raise SettingsError("SynthesisSettings: validation and test are shares of less than one together")
