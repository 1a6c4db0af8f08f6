"""Settings of the in-process MinerU door."""

from __future__ import annotations

from dataclasses import dataclass

from dic_ingest.errors import SettingsError

TIERS = ("auto", "flash", "basic", "standard", "advanced")


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """How MinerU is run on this machine.

    `tier`: "auto" is the best tier whose weights are here, else flash; a named tier never falls back. `ocr`:
    auto, txt (trust the text layer) or ocr. `image_analysis`: MinerU's own figure reading (tier advanced).
    `offline`: weights must be here already; otherwise MinerU may download them. `timeout`: seconds for one
    document.
    """

    tier: str = "auto"
    ocr: str = "auto"
    image_analysis: bool = False
    offline: bool = True
    timeout: float = 600.0

    def __post_init__(self) -> None:
        if self.tier not in TIERS:
            raise SettingsError(f"tier must be one of {', '.join(TIERS)}, got {self.tier!r}")
        if self.ocr not in ("auto", "txt", "ocr"):
            raise SettingsError(f"ocr must be auto, txt or ocr, got {self.ocr!r}")
        if not self.timeout > 0:
            raise SettingsError(f"timeout must be above 0 seconds, got {self.timeout}")
