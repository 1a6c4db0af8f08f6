"""Graphviz DOT -> a `Diagram`: nodes, edges, clusters, records and HTML labels.

The grammar is small and read here: pydot, the maintained parser, takes seconds for a large graph and writes
its complaints to standard output. Layout attributes (`pos`) are not read: a graph is laid out anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise

from dic_ingest.errors import BrokenFileError, LimitError
from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.sources.diagram_files.editors.kinds import kind_of_graph
from dic_ingest.sources.diagram_files.labels import plain_text
from dic_ingest.sources.diagram_files.limits import DiagramLimits

_TOKEN = re.compile(
    r"(?P<skip>\s+|//[^\n]*|/\*.*?\*/|^\#[^\n]*$)"
    r'|(?P<string>"(?:[^"\\]|\\.)*")'
    r"|(?P<op>->|--|[{}\[\];,=:+])"
    r"|(?P<id>[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*|-?(?:\.\d+|\d+(?:\.\d*)?))",
    re.DOTALL | re.MULTILINE,
)
_SHAPES = {
    "box": "rect",
    "rect": "rect",
    "rectangle": "rect",
    "square": "rect",
    "ellipse": "circle",
    "oval": "circle",
    "circle": "circle",
    "doublecircle": "circle",
    "point": "start",
    "diamond": "diamond",
    "mdiamond": "diamond",
    "hexagon": "hexagon",
    "cylinder": "cylinder",
    "parallelogram": "parallelogram",
    "note": "note",
    "folder": "folder",
    "component": "component",
    "plaintext": "rect",
    "none": "rect",
    "plain": "rect",
    "record": "rect",
    "mrecord": "rounded",
    "box3d": "cube",
}
_HEADS = {
    "normal": End.ARROW,
    "vee": End.ARROW,
    "open": End.ARROW,
    "empty": End.TRIANGLE,
    "onormal": End.TRIANGLE,
    "diamond": End.FILLED_DIAMOND,
    "odiamond": End.DIAMOND,
    "dot": End.CIRCLE,
    "odot": End.CIRCLE,
    "none": End.NONE,
    "crow": End.MANY,
    "tee": End.ONE,
    "inv": End.ARROW,
    "box": End.NONE,
}
HTML = "\ue000"  # before a label that was written as HTML
DEPTH = 60  # of subgraphs: each takes several calls
Attributes = dict[str, str]
Token = tuple[str, str]  # kind and text


def read_dot(text: str, name: str, limits: DiagramLimits) -> list[Diagram]:
    """The graphs of a file.

    Raises:
        BrokenFileError: no DOT. LimitError: over a bound of `limits`.
    """
    tokens = _tokens(text, name, limits)
    found: list[Diagram] = []
    at = 0
    while at < len(tokens) and len(found) < limits.max_pages:
        reader = _DotReader(tokens, at, name, limits)
        found.append(reader.graph())
        at = reader.at
    return found


def _tokens(text: str, name: str, limits: DiagramLimits) -> list[Token]:
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        if text[at] == "<":
            end = _html_end(text, at)
            tokens.append(("html", text[at + 1 : end - 1]))
            at = end
            continue
        found = _TOKEN.match(text, at)
        if found is None:
            raise _broken(name, text[at : at + 20])
        at = found.end()
        kind = found.lastgroup or ""
        if kind == "string":
            tokens.append(("id", re.sub(r"\\\r?\n", "", found[0][1:-1]).replace('\\"', '"')))
        elif kind != "skip":
            tokens.append((kind, found[0]))
        if len(tokens) > limits.max_cells * 20:
            raise LimitError(f"{name} has more statements than DiagramLimits.max_cells allows. Raise it.")
    return tokens


def _html_end(text: str, at: int) -> int:
    depth = 0
    for k in range(at, len(text)):
        depth += (text[k] == "<") - (text[k] == ">")
        if depth == 0:
            return k + 1
    return len(text)


def _broken(name: str, near: str) -> BrokenFileError:
    return BrokenFileError(f"{name} is no DOT graph near {near!r}. Check it with Graphviz.")


@dataclass
class _Scope:
    """A graph or subgraph: the defaults that hold in it, and where it stands."""

    nodes: Attributes = field(default_factory=dict)
    edges: Attributes = field(default_factory=dict)
    group: str | None = None
    own: Attributes = field(default_factory=dict)


class _DotReader:
    def __init__(self, tokens: list[Token], at: int, name: str, limits: DiagramLimits) -> None:
        self.tokens, self.at, self.name, self.limits = tokens, at, name, limits
        self.nodes: dict[str, Node] = {}
        self.edges: list[Edge] = []
        self.groups: dict[str, Group] = {}
        self.directed = True
        self.depth = 0

    # -- tokens

    def _peek(self) -> Token:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def _next(self) -> Token:
        token = self._peek()
        self.at += 1
        return token

    def _is(self, op: str) -> bool:
        return self._peek() == ("op", op)

    def _take(self, op: str) -> bool:
        if self._is(op):
            self.at += 1
            return True
        return False

    def _need(self, op: str) -> None:
        if not self._take(op):
            raise _broken(self.name, self._peek()[1])

    def _id(self) -> tuple[str, bool]:
        """An identifier, strings joined with + as one; whether it is HTML."""
        kind, text = self._next()
        if kind not in ("id", "html"):
            raise _broken(self.name, text)
        while self._take("+"):
            text += self._next()[1]
        return text, kind == "html"

    # -- grammar

    def graph(self) -> Diagram:
        """One graph, from its first token to the brace that closes it."""
        if self._peek()[1].lower() == "strict":
            self.at += 1
        kind, word = self._next()
        if kind != "id" or word.lower() not in ("graph", "digraph"):
            raise _broken(self.name, word)
        self.directed = word.lower() == "digraph"
        if not self._is("{"):
            self._id()
        scope = _Scope()
        self._block(scope)
        title = _label(scope.own.get("label", ""), self.limits)
        direction = {"LR": "LR", "RL": "RL", "BT": "BT"}.get(scope.own.get("rankdir", "").upper(), "TD")
        nodes = tuple(self.nodes.values())
        groups = tuple(self.groups.values())
        made = Diagram(Kind.BLOCK, nodes, tuple(self.edges), groups, title, (), direction)
        return replace(made, kind=kind_of_graph(made))

    def _block(self, scope: _Scope) -> list[str]:
        """The statements between braces; the ids of the nodes that they name."""
        self._need("{")
        self.depth += 1
        if self.depth > min(self.limits.max_depth, DEPTH):
            raise LimitError(
                f"{self.name} nests its subgraphs deeper than DiagramLimits.max_depth. Raise it."
            )
        named: list[str] = []
        while not self._take("}"):
            if self._peek()[0] == "end":
                raise BrokenFileError(f"{self.name} ends in the middle of a graph. Save it again.")
            if not (self._take(";") or self._take(",")):
                named += self._statement(scope)
        self.depth -= 1
        return list(dict.fromkeys(named))

    def _statement(self, scope: _Scope) -> list[str]:
        kind, word = self._peek()
        lower = word.lower()
        ahead = self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else ("end", "")
        if kind == "id" and lower in ("node", "edge", "graph") and ahead == ("op", "["):
            self.at += 1
            {"node": scope.nodes, "edge": scope.edges, "graph": scope.own}[lower].update(self._attributes())
            return []
        if kind == "id" and ahead == ("op", "="):
            self.at += 2
            scope.own[lower] = _quoted(*self._id())
            return []
        return self._chain(scope)

    def _chain(self, scope: _Scope) -> list[str]:
        """`a -> {b c} -> d [label=x]`, or a node with its attributes."""
        parts = [self._end(scope)]
        while self._is("->") or self._is("--"):
            self.at += 1
            parts.append(self._end(scope))
        given = self._attributes()
        if len(parts) > 1:
            attributes = {**scope.edges, **given}
            for first, second in pairwise(parts):
                self._connect(first, second, attributes)
        elif len(parts[0]) == 1 and parts[0][0] in self.nodes and given:
            self._describe(parts[0][0], given)
        return [n for part in parts for n in part]

    def _end(self, scope: _Scope) -> list[str]:
        if self._is("{") or (self._peek()[0] == "id" and self._peek()[1].lower() == "subgraph"):
            return self._subgraph(scope)
        name, _ = self._id()
        while self._take(":"):
            self._id()
        if name not in self.nodes:
            self.nodes[name] = Node(name, name.replace("\\n", "\n"), "circle", (), scope.group)
            self._describe(name, scope.nodes)
            if len(self.nodes) > self.limits.max_cells:
                raise LimitError(f"{self.name} has over DiagramLimits.max_cells nodes. Raise it.")
        elif self.nodes[name].group is None and scope.group is not None:
            self.nodes[name] = replace(self.nodes[name], group=scope.group)
        return [name]

    def _subgraph(self, scope: _Scope) -> list[str]:
        name = ""
        if not self._is("{"):
            self.at += 1
            if not self._is("{"):
                name, _ = self._id()
        inner = _Scope(dict(scope.nodes), dict(scope.edges), scope.group)
        cluster = name.lower().startswith("cluster")
        if cluster:
            self.groups.setdefault(name, Group(name, "", scope.group))
            inner.group = name
        if name and not self._is("{"):
            return [n.id for n in self.nodes.values() if n.group == name]
        found = self._block(inner)
        if cluster and "label" in inner.own:
            text = _label(inner.own["label"], self.limits)
            self.groups[name] = replace(self.groups[name], label=text)
        return found

    def _attributes(self) -> Attributes:
        found: Attributes = {}
        while self._take("["):
            while not self._take("]"):
                if self._peek()[0] == "end":
                    raise BrokenFileError(f"{self.name} ends in the middle of a list. Save it again.")
                if self._take(",") or self._take(";"):
                    continue
                key = self._id()[0].lower()
                found[key] = _quoted(*self._id()) if self._take("=") else "true"
        return found

    # -- meaning

    def _describe(self, name: str, given: Attributes) -> None:
        node = self.nodes[name]
        shape = given.get("shape", "").lower()
        label, members = node.label, node.members
        if "label" in given:
            label, members = _record(given["label"], shape, self.limits)
            label = label.replace("\\N", name)
        elif given.get("xlabel"):
            label = _label(given["xlabel"], self.limits)
        form = _SHAPES.get(shape, node.shape if not shape else "rect")
        if "rounded" in given.get("style", "") and form == "rect":
            form = "rounded"
        if form == "start" and "label" not in given:
            label = ""
        self.nodes[name] = replace(node, label=label, members=members, shape=form)

    def _connect(self, first: list[str], second: list[str], given: Attributes) -> None:
        if "invis" in given.get("style", ""):
            return
        way = given.get("dir", "forward" if self.directed else "none").lower()
        head = _HEADS.get(given.get("arrowhead", "normal").lower(), End.ARROW)
        tail = _HEADS.get(given.get("arrowtail", "normal").lower(), End.ARROW)
        ends = (
            tail if way in ("back", "both") else End.NONE,
            head if way in ("forward", "both") else End.NONE,
        )
        dashed = any(s in given.get("style", "") for s in ("dashed", "dotted"))
        style = "dashed" if dashed else "thick" if "bold" in given.get("style", "") else "solid"
        text = _label(given.get("label", given.get("xlabel", "")), self.limits)
        near, far = (_label(given.get(k, ""), self.limits) for k in ("taillabel", "headlabel"))
        for a in first:
            for b in second:
                if len(self.edges) >= self.limits.max_cells:
                    raise LimitError(f"{self.name} has over DiagramLimits.max_cells edges. Raise it.")
                edge = Edge(a, b, text, way != "none", style, *ends, near, far)
                self.edges.append(_turned(edge) if way == "back" and tail is End.ARROW else edge)


def _turned(edge: Edge) -> Edge:
    return replace(
        edge, source=edge.target, target=edge.source, source_end=edge.target_end, target_end=edge.source_end,
        source_label=edge.target_label, target_label=edge.source_label,
    )  # fmt: skip


def _quoted(text: str, html: bool) -> str:
    return f"{HTML}{text}" if html else text.replace(HTML, "")


def _label(text: str, limits: DiagramLimits) -> str:
    """A label as drawn: escapes and HTML resolved."""
    text = text[: limits.max_label]
    if text.startswith(HTML):
        cells = re.sub(r"(?i)</td>\s*<td", "</td> <td", text[1:])
        return plain_text(cells, limits.max_label)
    text = re.sub(r"\\(.)", _escaped, text, flags=re.DOTALL)
    return "\n".join(" ".join(line.split()) for line in text.split("\n") if line.strip())


def _escaped(found: re.Match[str]) -> str:
    """What an escape stands for; those for names (`\\N`) stay."""
    sign = found[1]
    return "\n" if sign in "nlr" else found[0] if sign in "NGETHL" else sign


def _record(text: str, shape: str, limits: DiagramLimits) -> tuple[str, tuple[str, ...]]:
    """Label and members of a node: the fields of a record after the first are its members."""
    if "record" not in shape or text.startswith(HTML):
        return _label(text, limits), ()
    fields = [re.sub(r"^\s*<(?:\\.|[^\\>])*>", "", f) for f in re.findall(r"(?:\\.|[^\\|{}])+", text)]
    said = [f for f in (_label(f, limits) for f in fields) if f]
    members = tuple(line for f in said[1:] for line in f.split("\n"))
    return (said[0] if said else ""), members
