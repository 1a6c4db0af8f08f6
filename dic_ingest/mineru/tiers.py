"""MinerU's tiers as they stand on this machine: ready or not, what is missing, how to fetch it."""

from __future__ import annotations

from dataclasses import dataclass

from dic_ingest.errors import ParserError
from dic_ingest.mineru import install as mineru_install
from dic_ingest.mineru import worker_process as mineru_process

NAMES = ("flash", "basic", "standard", "advanced")
PATIENCE = 60.0  # seconds for the worker to start and look


@dataclass(frozen=True, slots=True)
class Tier:
    """One tier; `missing` lists weight files and libraries, `fetch` is the command that gets them ("" if
    ready)."""

    name: str
    ready: bool
    missing: tuple[str, ...] = ()
    fetch: str = ""


def tiers() -> tuple[Tier, ...]:
    """All tiers, weakest first. Without a usable MinerU none is ready, and `missing` says why."""
    try:
        mineru_install.check()
        answer = mineru_process.ask({"op": "tiers"}, PATIENCE)
        if answer.get("error"):
            raise ParserError(f"{answer['error']}: {answer.get('message')}")
    except ParserError as error:
        return tuple(Tier(name, False, (str(error),)) for name in NAMES)
    found = answer["missing"]
    return tuple(Tier(n, not found[n], tuple(found[n]), fetch(n) if found[n] else "") for n in NAMES)


def fetch(tier: str) -> str:
    """The command that downloads what `tier` needs."""
    return f"mineru-kit models download --tier {'basic' if tier in ('flash', 'basic') else 'standard'}"


def name_clash() -> str:
    """What is wrong with the package that answers to `mineru`; "" where nothing is."""
    try:
        mineru_install.check()
    except ParserError as error:
        return str(error)
    return ""
