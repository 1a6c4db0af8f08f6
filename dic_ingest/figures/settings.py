"""Settings of recovery, routing, duplicates and crops; imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass

from dic_ingest.errors import SettingsError
from dic_ingest.model.diagram import Kind
from dic_ingest.settings_file import check_names


@dataclass(frozen=True, slots=True)
class RecoverySettings:
    """How pieces become figures."""

    reach: float = 0.03  # how far apart pieces of one drawing may stand, of the page's longer side
    template_share: float = (
        0.6  # an element on this share of the pages, at one place, belongs to the page template
    )

    def __post_init__(self) -> None:
        if not 0.0 <= self.reach <= 0.5:
            raise SettingsError(f"RecoverySettings.reach must lie in 0..0.5, got {self.reach}")
        if not 0.0 < self.template_share <= 1.0:
            raise SettingsError(
                f"RecoverySettings.template_share must lie in 0..1, got {self.template_share}"
            )


@dataclass(frozen=True, slots=True)
class RoutingSettings:
    """What is described and what is left out."""

    allow: frozenset[str] = frozenset()  # kinds; empty allows all
    deny: frozenset[str] = frozenset()  # kinds that are not described
    min_size: float = 24.0  # points of the shorter side
    max_per_page: int = 40  # figures described on one page
    max_per_document: int = 2000  # figures described in one document

    def __post_init__(self) -> None:
        kinds = [str(k) for k in Kind]
        check_names(self.allow, kinds, "routing.allow")
        check_names(self.deny, kinds, "routing.deny")
        if self.min_size < 0 or self.max_per_page < 1 or self.max_per_document < 1:
            raise SettingsError("RoutingSettings needs min_size >= 0 and limits of at least 1")


@dataclass(frozen=True, slots=True)
class DuplicateSettings:
    """What counts as the same."""

    max_distance: float = 0.02  # share of fingerprint bits that may differ
    logo_share: float = 0.04  # of the page: art up to this size that repeats is a logo
    logo_times: int = 3  # how often it must stand in the document

    def __post_init__(self) -> None:
        if not (0.0 <= self.max_distance <= 0.5 and 0.0 <= self.logo_share <= 1.0 and self.logo_times >= 2):
            raise SettingsError("DuplicateSettings: max_distance 0..0.5, logo_share 0..1, logo_times from 2")


@dataclass(frozen=True, slots=True)
class CropSettings:
    """How figures are cut."""

    text_pixels: float = 22.0  # font size in pixels that the smallest words of a figure should get
    min_dpi: float = 144.0  # of a crop
    max_dpi: float = 400.0  # of a crop
    max_pixels: int = 6_000_000  # of one crop
    margin: float = 3.0  # points around the figure
    all_routes: bool = False  # also figures that are routed away
    pages: bool = False  # also every page as a picture, pages/0001.png at min_dpi

    def __post_init__(self) -> None:
        if not 18.0 <= self.min_dpi <= self.max_dpi <= 1200.0:
            raise SettingsError("CropSettings needs 18 <= min_dpi <= max_dpi <= 1200")
        if self.max_pixels < 10_000 or self.text_pixels <= 0 or not 0 <= self.margin <= 72:
            raise SettingsError(
                "CropSettings needs max_pixels >= 10000, text_pixels > 0, margin within 0..72"
            )
