"""Bounds on the reading of one drawing, from its paths and from its pixels. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass

from dic_ingest.errors import SettingsError


@dataclass(frozen=True, slots=True)
class VectorSettings:
    """Bounds on the work for one drawing, and the size of marks in text heights."""

    max_paths: int = 20_000  # paths of a drawing that are read
    max_words: int = 6_000  # words of its text layer
    max_lines: int = 4_000  # open strokes; the longest are kept
    largest_mark: float = 3.0  # text heights of what may be an arrowhead or another mark at a line's end

    def __post_init__(self) -> None:
        if min(self.max_paths, self.max_words, self.max_lines) < 1 or self.largest_mark <= 0:
            raise SettingsError("VectorSettings must all be above zero")


@dataclass(frozen=True, slots=True)
class RasterSettings:
    """Bounds on the work for one picture."""

    threads: int = 2  # CPU threads of the line network
    max_area: float = 8e6  # pixels that the network looks at
    max_pixels: float = 200e6  # of the picture itself

    def __post_init__(self) -> None:
        if self.threads < 1 or self.max_area < 1e4 or self.max_pixels < 1e4:
            raise SettingsError(
                "raster.threads must be at least 1, raster.max_area and max_pixels at least 10000."
            )


@dataclass(frozen=True, slots=True)
class SceneSettings:
    """Both, as an analysis carries them from routing to reading."""

    vector: VectorSettings = VectorSettings()
    raster: RasterSettings = RasterSettings()
