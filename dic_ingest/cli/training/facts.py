"""`dic-ingest train facts`: the facts that made-up figures obey, shown, and figures held against them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from dic_ingest.cli.terminal import say


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--between", nargs=2, default=None, metavar="ONE OTHER", help="What may stand between two names."
)
@click.option(
    "--check", "checked", multiple=True, type=click.Path(path_type=Path, exists=True),
    help="A folder with pairs.jsonl, or a diagram file: hold its lines against the facts.",
)  # fmt: skip
def command(files: tuple[str, ...], between: tuple[str, str] | None, checked: tuple[Path, ...]) -> int:
    """Read the shipped facts and those in FILES, and say what is in them.

    A file of facts is TOML with the tables sources, parts, protocols, links and plots; telecom.toml in
    dic_ingest/training/synthesise/facts begins with how it is written. A wrong file is refused.

    \b
    dic-ingest train facts my.toml
    dic-ingest train facts my.toml --between AMF SMF
    dic-ingest train facts my.toml --check pairs

    A state machine or data model is held against the plot that knows its names: transitions, relations, how
    many on either side. Exit code 1 where a line between two known parts is allowed by no fact.
    """
    from dic_ingest.training.synthesise.facts.rules import all_facts

    facts = all_facts(files)
    say(
        f"{len(facts.links)} kinds of links between {len(facts.names)} parts with {len(facts.protocols)} "
        f"protocols, from {len(facts.sources)} sources"
    )
    if between is not None:
        found = [*facts.joined(*between), *facts.joined(*reversed(between))]
        for link in dict.fromkeys(found):
            way = "in either direction" if link.both else f"from {', '.join(link.one)}"
            names = ", ".join(link.names) or "drawn in call flows only"
            say(f"  {names}; {way}; carries {', '.join(link.carries) or '-'} ({facts.sources[link.source]})")
        if not found:
            say(f"  no fact joins {between[0]!r} and {between[1]!r}")
    return max((_check(place, facts) for place in checked), default=0)


def _check(place: Path, facts: object) -> int:
    """Say what no fact allows in a set or diagram file; 1 where there is something."""
    from dic_ingest.training.synthesise.facts.check import diagrams_in, held_against
    from dic_ingest.training.synthesise.facts.rules import Facts

    assert isinstance(facts, Facts)
    lines, wrong, unknown = 0, Counter[str](), set[str]()
    for diagram in diagrams_in(place):
        judged = held_against(diagram, facts)
        lines += judged.lines
        wrong.update(judged.forbidden)
        unknown |= set(judged.unknown)
    say(f"{place}: {wrong.total()} of {lines} lines between known parts are allowed by no fact")
    for text, count in wrong.most_common(20):
        say(f"  {text}" + (f" ({count} times)" if count > 1 else ""))
    if unknown:
        say(f"  not judged, for no fact knows them: {', '.join(sorted(unknown)[:20])}")
    return 1 if wrong else 0
