"""Facts of a domain from TOML files: kinds of parts, protocols, and which part may be joined to which.

In: the shipped `*.toml` beside this file, files of a domain engineer like them (telecom.toml says how).
Out: `Facts`, which answers what may stand between two printed names. Names are matched, not understood.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from dic_ingest.errors import SettingsError
from dic_ingest.sources.file_bytes import read_file

SHIPPED = ("telecom", "systems", "networks")
FAMILIES = ("callflows", "processes", "networks", "clouds", "machines", "records")
ANY = 1_000_000  # lines of a part that may have as many as it likes
MAX_BYTES = 2_000_000  # of a file of facts
_NUMBER = re.compile(r"[ -]\d+$")
_LINK_KEYS = {"name", "between", "from", "to", "carries", "source"}


@dataclass(frozen=True, slots=True)
class Link:
    """Parts that may be joined. `one` and `other` are parts or printed names with `*`."""

    one: tuple[str, ...]
    other: tuple[str, ...]
    names: tuple[str, ...] = ()  # what may be printed on the line; such a line may also stand bare
    carries: tuple[str, ...] = ()  # protocols whose messages pass
    both: bool = True  # drawn in either direction, not only from `one` to `other`
    source: str = ""


@dataclass(frozen=True)
class Facts:
    """All facts together; `plots` are own plots by family and title, in the form of `words/*.txt`."""

    sources: Mapping[str, str]
    names: Mapping[str, tuple[str, ...]]  # of a part: how it is printed
    roles: Mapping[str, str]  # of a part: what it does
    protocols: Mapping[str, tuple[str, ...]]  # patterns of messages
    links: tuple[Link, ...]
    plots: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    most: Mapping[str, int] = field(default_factory=dict)  # of a part: lines that it has at most
    _known: dict[str, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)
    _joined: dict[tuple[str, str], tuple[Link, ...]] = field(default_factory=dict, repr=False, compare=False)

    def called(self, label: str) -> frozenset[str]:
        """The parts and name patterns of links that a printed name stands for; empty for an unknown name."""
        if label not in self._known:
            every = {label, _NUMBER.sub("", label)}
            parts = set(self.parts(label))
            ends = {e for link in self.links for e in (*link.one, *link.other)}
            self._known[label] = frozenset(e for e in ends if e in parts or _matches(every, (e,)))
        return self._known[label]

    def parts(self, label: str) -> list[str]:
        """The parts that a printed name stands for."""
        every = {label, _NUMBER.sub("", label)}
        return [p for p, names in self.names.items() if _matches(every, (p, *names))]

    def role(self, label: str) -> str:
        """What the part of a printed name does, "" where no fact says it."""
        return next((self.roles[p] for p in self.parts(label) if p in self.roles), "")

    def lines_of(self, label: str) -> int:
        """How many lines a part has at most in a topology or architecture; `ANY` where no fact says it."""
        return min((self.most[p] for p in self.parts(label) if p in self.most), default=ANY)

    def joined(self, one: str, other: str) -> tuple[Link, ...]:
        """The links that may be drawn from one printed name to another."""
        if (one, other) not in self._joined:
            a, b = self.called(one), self.called(other)
            self._joined[one, other] = tuple(
                link
                for link in self.links
                if (a & set(link.one) and b & set(link.other))
                or (link.both and b & set(link.one) and a & set(link.other))
            )
        return self._joined[one, other]

    def labels(self, one: str, other: str) -> list[str]:
        """What may be printed on a line from one name to another; empty where none may be drawn."""
        return list(dict.fromkeys(n for link in self.joined(one, other) for n in link.names))

    def message(self, one: str, other: str, text: str) -> Link | None:
        """The link over which a message may pass from one name to another, in the direction of neither."""
        for link in (*self.joined(one, other), *self.joined(other, one)):
            if any(_matches((text,), self.protocols[p]) for p in link.carries):
                return link
        return None

    def extended(self, own: Facts) -> Facts:
        """Both together; parts and protocols of the same name gain the names of both."""
        plots = {f: {**self.plots.get(f, {}), **own.plots.get(f, {})} for f in FAMILIES}
        return Facts(
            {**self.sources, **own.sources},
            _both(self.names, own.names),
            {**self.roles, **own.roles},
            _both(self.protocols, own.protocols),
            self.links + own.links,
            plots,
            {**self.most, **own.most},
        )


def _both(
    one: Mapping[str, tuple[str, ...]], other: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    return {k: tuple(dict.fromkeys((*one.get(k, ()), *other.get(k, ())))) for k in {**one, **other}}


def _matches(texts: Iterable[str], patterns: Sequence[str]) -> bool:
    return any(t == p or (("*" in p or "?" in p) and fnmatchcase(t, p)) for t in texts for p in patterns)


@cache
def shipped_facts() -> Facts:
    """The facts that come with the package."""
    found = Facts({}, {}, {}, {}, ())
    for name in SHIPPED:
        text = resources.files("dic_ingest.training.synthesise.facts").joinpath(f"{name}.toml").read_text()
        found = found.extended(parse_facts(text, f"{name}.toml"))
    return found


def all_facts(files: Sequence[Path | str]) -> Facts:
    """The shipped facts and those of files. Raises SettingsError for a file that is wrong."""
    found = shipped_facts()
    for file in files:
        own = parse_facts(
            read_file(Path(file), MAX_BYTES, "MAX_BYTES").decode("utf-8", "replace"), str(file), found
        )
        found = found.extended(own)
    return found


def parse_facts(text: str, name: str, known: Facts | None = None) -> Facts:
    """The facts of one file. `known`: facts whose sources and protocols it may name.

    Raises:
        SettingsError: no TOML, an unknown key, a source or protocol that is nowhere said.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{name} is no TOML: {error}. See facts/telecom.toml for an example.") from error
    if wrong := set(data) - {"sources", "parts", "protocols", "links", "plots"}:
        raise SettingsError(f"{name}: unknown table {sorted(wrong)[0]!r}.")
    try:
        found = Facts(
            {k: str(v) for k, v in data.get("sources", {}).items()},
            {k: _texts(v.get("names", ())) for k, v in data.get("parts", {}).items()},
            {k: str(v["does"]) for k, v in data.get("parts", {}).items() if "does" in v},
            {k: _texts(v) for k, v in data.get("protocols", {}).items()},
            tuple(_link(link, f"{name}, link {i}") for i, link in enumerate(data.get("links", ()), 1)),
            {f: _plots(f, own, name) for f, own in data.get("plots", {}).items()},
            {
                k: _count(v["most"], f"{name}, part {k}")
                for k, v in data.get("parts", {}).items()
                if "most" in v
            },
        )
    except (AttributeError, TypeError) as error:
        raise SettingsError(
            f"{name}: a table stands where a list or text is wanted, or a list for a table."
        ) from error
    _check_names(found, name, known)
    return found


def _plots(family: str, own: Mapping[str, str], name: str) -> dict[str, tuple[str, ...]]:
    if family not in FAMILIES:
        raise SettingsError(f"{name}: no family of plots {family!r}. There are {', '.join(FAMILIES)}.")
    return {
        title: tuple(line.strip() for line in text.splitlines() if line.strip() and line[0] != ";")
        for title, text in own.items()
    }


def _count(value: Any, place: str) -> int:
    if not isinstance(value, int) or value < 1:
        raise SettingsError(f"{place}: `most` is a number of lines from 1 on.")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(str(v) for v in value)


def _link(data: Mapping[str, Any], place: str) -> Link:
    if wrong := set(data) - _LINK_KEYS:
        raise SettingsError(
            f"{place}: unknown key {sorted(wrong)[0]!r}. Keys: {', '.join(sorted(_LINK_KEYS))}."
        )
    ends = data["between"] if "between" in data else (data.get("from", ()), data.get("to", ()))
    if len(ends) != 2 or not all(ends):
        raise SettingsError(f"{place}: give `between = [ONE, OTHER]`, or `from` and `to`.")
    return Link(
        _texts(ends[0]), _texts(ends[1]), _texts(data.get("name", ())), _texts(data.get("carries", ())),
        "between" in data, str(data.get("source", "")),
    )  # fmt: skip


def _check_names(found: Facts, name: str, known: Facts | None) -> None:
    sources = {**found.sources, **(known.sources if known else {})}
    protocols = {**found.protocols, **(known.protocols if known else {})}
    for i, link in enumerate(found.links, 1):
        if link.source not in sources:
            raise SettingsError(f"{name}, link {i}: its source {link.source!r} is not under [sources].")
        if lost := [p for p in link.carries if p not in protocols]:
            raise SettingsError(f"{name}, link {i}: the protocol {lost[0]!r} is not under [protocols].")
