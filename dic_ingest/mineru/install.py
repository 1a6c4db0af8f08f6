"""Whether the MinerU installed is the one meant: opendatalab's `mineru` 4.x, not another of that name."""

from __future__ import annotations

from functools import cache
from importlib import metadata
from importlib.util import find_spec

from dic_ingest.errors import ParserError

CLASH = "mineru-open-sdk"
INSTALL = "pip install 'mineru>=4.0.12,<4.1'"


@cache
def check() -> str:
    """The version of MinerU installed; raises ParserError where it is absent, old or overwritten."""
    owners = {_plain(n) for n in metadata.packages_distributions().get("mineru", [])}
    if CLASH in owners:
        raise ParserError(
            f"{CLASH} is installed and overwrites MinerU's own package `mineru`. "
            f"Run: pip uninstall {CLASH}, then: pip install --force-reinstall --no-deps 'mineru>=4.0.12,<4.1'"
        )
    if "mineru" not in owners:
        if find_spec("magic_pdf") is not None:
            raise ParserError(f"Only magic-pdf is installed, MinerU's name before 2.0. Run: {INSTALL}")
        raise ParserError(f"MinerU is not installed. Run: {INSTALL}")
    version = metadata.version("mineru")
    if not version.startswith("4."):
        raise ParserError(f"MinerU {version} is installed, 4.0 is needed here. Run: {INSTALL}")
    return version


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")
