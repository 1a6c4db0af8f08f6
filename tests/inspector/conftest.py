"""Fixtures of the inspector's tests: a results folder, one Chromium for all."""

from results_made import browser, chrome, results

__all__ = ["browser", "chrome", "results"]
