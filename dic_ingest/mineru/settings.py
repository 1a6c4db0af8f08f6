"""Settings of MinerU: on this machine, and behind HTTP. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from dic_ingest.errors import SettingsError

KEY = "MINERU_API_KEY"  # environment variable; a key never stands in settings
TIERS = ("auto", "flash", "basic", "standard", "advanced")


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """How MinerU is run on this machine.

    `tier`: "auto" is the best tier whose weights are here, else flash; a named tier never falls back. `ocr`:
    auto, txt (trust the text layer) or ocr. `image_analysis`: MinerU's own figure reading (tier advanced).
    `offline`: weights must be here already; otherwise MinerU may download them. `timeout`: seconds for one
    document.
    """

    tier: str = (
        "auto"  # auto is the best tier whose weights are here, else flash; a named one never falls back
    )
    ocr: str = "auto"  # auto, txt (trust the text layer) or ocr
    image_analysis: bool = False  # MinerU's own reading of figures (tier advanced)
    offline: bool = True  # weights must be here already; otherwise MinerU may download them
    timeout: float = 600.0  # seconds for one document

    def __post_init__(self) -> None:
        if self.tier not in TIERS:
            raise SettingsError(f"tier must be one of {', '.join(TIERS)}, got {self.tier!r}")
        if self.ocr not in ("auto", "txt", "ocr"):
            raise SettingsError(f"ocr must be auto, txt or ocr, got {self.ocr!r}")
        if not self.timeout > 0:
            raise SettingsError(f"timeout must be above 0 seconds, got {self.timeout}")


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the server is and what it is asked for.

    `url`: http(s) address, "" for none. `tier`: "" for the best that it offers (4.0 only). `backend`: of a
    3.x server, "" for its default. `timeout`: seconds for one document; `connect`: for one connection, tried
    `retries` times more. The key, if any, comes from the environment variable MINERU_API_KEY.
    """

    url: str = ""  # of the mineru-api server; empty for none
    tier: str = ""  # that the server is asked for (4.x)
    backend: str = ""  # that the server is asked for (3.x)
    ocr: str = "auto"  # auto, txt or ocr
    timeout: float = 600.0  # seconds for one document
    connect: float = 10.0  # seconds until it must answer at all
    retries: int = 2  # after connections that fail
    max_bytes: int = 1 << 30  # of one answer

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if self.url and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise SettingsError(f"server url must be like http://127.0.0.1:8000, got {self.url!r}")
        if parts.username or parts.password:
            raise SettingsError(f"a server url holds no credentials; put the key into {KEY}")
        if self.tier not in ("", "flash", "basic", "standard", "advanced"):
            raise SettingsError(f"tier must be flash, basic, standard, advanced or empty, got {self.tier!r}")
        if self.ocr not in ("auto", "txt", "ocr"):
            raise SettingsError(f"ocr must be auto, txt or ocr, got {self.ocr!r}")
        if not (self.timeout > 0 and self.connect > 0 and self.retries >= 0 and self.max_bytes > 0):
            raise SettingsError("timeout, connect and max_bytes must be above 0, retries not below")
