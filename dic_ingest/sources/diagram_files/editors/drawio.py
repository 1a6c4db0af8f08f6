"""draw.io files -> one `Diagram` a page.

In: `mxfile` or `mxGraphModel` XML, its pages compressed or not. Out: titles and graphs. Hidden layers are
left out;
links and pictures are not followed.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from dic_ingest.errors import BrokenFileError, LimitError
from dic_ingest.model.box import Box, Point, height_of, size_of, width_of
from dic_ingest.model.diagram import Diagram, Edge, Group, Kind
from dic_ingest.sources.diagram_files.editors.canvas import CanvasLine, CanvasShape, EditorCanvas
from dic_ingest.sources.diagram_files.editors.drawio_forms import ends_of, form_of, is_icon
from dic_ingest.sources.diagram_files.labels import parts_of
from dic_ingest.sources.diagram_files.limits import DiagramLimits
from dic_ingest.sources.diagram_files.xml_tree import local, parse_xml

THICK = 4.0  # pixels from which a line is drawn to stand out
CLEAR = ("none", "transparent")
_PLACE = re.compile(r"%([^%\s]{1,60})%")


def read_drawio(data: bytes | str, name: str, limits: DiagramLimits) -> list[tuple[str, Diagram]]:
    """(title, graph) of every page.

    Raises:
        BrokenFileError: no draw.io file, or damaged. LimitError: over a bound of `limits`.
    """
    return [(title, _page(model, limits, name)) for title, model in models_of(data, name, limits)]


def models_of(data: bytes | str, name: str, limits: DiagramLimits) -> Iterator[tuple[str, Element]]:
    """(title, mxGraphModel) of every page, unpacked. Raises as `read_drawio` does."""
    root = parse_xml(data, name, limits)
    kind = local(root.tag)
    if kind == "mxGraphModel":
        yield "", root
        return
    if kind != "mxfile":
        raise BrokenFileError(f"{name} holds <{kind[:40]}>, no draw.io drawing. Save it from draw.io again.")
    count, left = 0, limits.max_unpacked
    for page in root.iter("diagram"):
        if count >= limits.max_pages:
            break
        model = page.find("mxGraphModel")
        if model is None and (page.text or "").strip():
            text = _inflated(page.text or "", name, left)
            left -= len(text)
            model = parse_xml(text, name, limits)
        if model is not None:
            count += 1
            yield page.get("name", ""), model


def _inflated(text: str, name: str, most: int) -> str:
    """A compressed page: base64 of raw deflate of percent-coded XML."""
    text = text.strip()
    if text.startswith("<"):
        return text
    try:
        raw = base64.b64decode("".join(text.split()), validate=True)
        unpacker = zlib.decompressobj(-15)
        data = unpacker.decompress(raw, max(most, 1))
        if unpacker.unconsumed_tail:
            raise LimitError(f"{name} unpacks to more than DiagramLimits.max_unpacked. Raise it to read it.")
        if not unpacker.eof:
            raise BrokenFileError(f"{name} ends in the middle of a compressed page. Save it again.")
        return unquote(data.decode("utf-8"))
    except (binascii.Error, zlib.error, ValueError) as error:
        raise BrokenFileError(
            f"{name} has a compressed page that is damaged: {error}. Save it again."
        ) from error


@dataclass
class MxCell:
    """An `mxCell` with what its wrapper says; `box` is in the page's coordinates once it is placed."""

    id: str
    parent: str
    label: str
    style: dict[str, str]
    vertex: bool
    edge: bool
    source: str = ""
    target: str = ""
    relative: bool = False
    box: Box = (0.0, 0.0, 0.0, 0.0)
    points: list[Point] = field(default_factory=list)
    start: Point | None = None
    stop: Point | None = None
    hidden: bool = False
    parts: list[str] = field(default_factory=list)  # of the label, between horizontal rules
    offset: Point = (0.0, 0.0)

    @property
    def base(self) -> str:
        """What the style begins with: text, swimlane, ellipse, edgeLabel ..."""
        return self.style.get("", "")

    @property
    def shape(self) -> str:
        """The style's shape, else its base."""
        return self.style.get("shape", self.base)

    @property
    def clear(self) -> bool:
        """Whether neither an outline nor a fill is drawn."""
        if self.base in ("text", "edgeLabel", "group") or self.shape in ("text", "group"):
            stroke, fill = self.style.get("strokeColor", "none"), self.style.get("fillColor", "none")
        else:
            stroke, fill = self.style.get("strokeColor", "d"), self.style.get("fillColor", "d")
        return stroke in CLEAR and fill in CLEAR and not is_icon(self.style)


def _style(text: str) -> dict[str, str]:
    style: dict[str, str] = {}
    for k, part in enumerate(text[:20_000].split(";")):
        key, sign, value = part.partition("=")
        if sign:
            style.setdefault(key.strip(), value.strip())
        elif key.strip() and (k == 0 or "" not in style):
            style[""] = key.strip()
    return style


def _number(value: str | None) -> float:
    try:
        found = float(value or 0.0)
    except ValueError:
        return 0.0
    return found if abs(found) < 1e7 else 0.0


def _cells(model: Element, limits: DiagramLimits, name: str) -> dict[str, MxCell]:
    cells: dict[str, MxCell] = {}
    root = model.find("root")
    for element in root if root is not None else ():
        wrapper = element if local(element.tag) in ("UserObject", "object") else None
        core = element.find("mxCell") if wrapper is not None else element
        if core is None or local(core.tag) != "mxCell":
            continue
        cell = _cell(core, wrapper, limits)
        if cell.id and cell.id not in cells:
            cells[cell.id] = cell
        if len(cells) > limits.max_cells:
            raise LimitError(
                f"{name} has over DiagramLimits.max_cells ({limits.max_cells}) cells on a page. Raise it."
            )
    return cells


def _cell(core: Element, wrapper: Element | None, limits: DiagramLimits) -> MxCell:
    label = core.get("value", "")
    own = core.get("id", "")
    if wrapper is not None:
        own = wrapper.get("id", own)
        label = wrapper.get("label", label)
        if wrapper.get("placeholders") == "1":
            label = _PLACE.sub(lambda m: wrapper.get(m[1], m[0]), label)
    # pasted cells that ended up inside a label are no text of it
    parts = parts_of(label.split("%3CmxGraphModel%3E")[0], limits.max_label)
    cell = MxCell(
        own,
        core.get("parent", ""),
        "\n".join(filter(None, parts)),
        _style(core.get("style", "")),
        core.get("vertex") == "1",
        core.get("edge") == "1",
        core.get("source", ""),
        core.get("target", ""),
        hidden=core.get("visible") == "0",
        parts=parts,
    )
    geometry = core.find("mxGeometry")
    if geometry is not None:
        _placed(cell, geometry)
    return cell


def _placed(cell: MxCell, geometry: Element) -> None:
    x, y, w, h = (_number(geometry.get(k)) for k in ("x", "y", "width", "height"))
    cell.box = (x, y, x + abs(w), y + abs(h))
    cell.relative = geometry.get("relative") == "1"
    for point in geometry.iter("mxPoint"):
        place = (_number(point.get("x")), _number(point.get("y")))
        role = point.get("as")
        if role == "sourcePoint":
            cell.start = place
        elif role == "targetPoint":
            cell.stop = place
        elif role == "offset":
            cell.offset = place
        elif role is None:
            cell.points.append(place)


class _MxModel:
    """The cells of a page, placed."""

    def __init__(self, cells: dict[str, MxCell]) -> None:
        self.cells = cells
        self.children: dict[str, list[MxCell]] = defaultdict(list)
        for cell in cells.values():
            self.children[cell.parent].append(cell)
        self._origins: dict[str, Point] = {}

    def ancestors(self, cell: MxCell) -> list[MxCell]:
        """Parents from the nearest outwards; a cycle ends where it closes."""
        found: list[MxCell] = []
        seen = {cell.id}
        at = self.cells.get(cell.parent)
        while at is not None and at.id not in seen:
            found.append(at)
            seen.add(at.id)
            at = self.cells.get(at.parent)
        return found

    def shown(self, cell: MxCell) -> bool:
        """Whether neither the cell nor a layer or group around it is hidden."""
        around = self.ancestors(cell)
        folded = any(a.style.get("collapsed") == "1" for a in around)
        return not (cell.hidden or folded or any(a.hidden for a in around))

    def origin(self, cell: MxCell) -> Point:
        """Where a cell's own coordinates start on the page."""
        x = y = 0.0
        for outer in self.ancestors(cell):
            if outer.vertex:
                ox, oy = outer.box[0], outer.box[1]
                if outer.relative:
                    holder = self.cells.get(outer.parent)
                    if holder is not None and holder.vertex:
                        ox *= width_of(holder.box)
                        oy *= height_of(holder.box)
                x, y = x + ox, y + oy
        return x, y

    def box(self, cell: MxCell) -> Box:
        """A vertex's place on the page."""
        x, y = self.origin(cell)
        x0, y0, x1, y1 = cell.box
        if cell.relative:
            holder = self.cells.get(cell.parent)
            if holder is not None and holder.vertex:
                w, h = size_of(holder.box)
                x0, y0, x1, y1 = x0 * w, y0 * h, x0 * w + (x1 - x0), y0 * h + (y1 - y0)
            x, y = x + cell.offset[0], y + cell.offset[1]
        return x + x0, y + y0, x + x1, y + y1


def _page(model: Element, limits: DiagramLimits, name: str) -> Diagram:
    cells = _cells(model, limits, name)
    page = _MxModel(cells)
    for cell in cells.values():
        if len(page.ancestors(cell)) > limits.max_depth:
            raise LimitError(
                f"{name} nests its groups deeper than DiagramLimits.max_depth. Raise it to read it."
            )
    return _DrawioReader(page).diagram()


class _DrawioReader:
    """From placed cells to a canvas."""

    def __init__(self, page: _MxModel) -> None:
        self.page, self.cells = page, page.cells
        self.shown = [c for c in self.cells.values() if (c.vertex or c.edge) and page.shown(c)]
        self.joined = {end for c in self.shown if c.edge for end in (c.source, c.target)}
        self.owner: dict[str, str] = {}  # cells that are part of another one: rows, cells, activations
        self.members: dict[str, list[str]] = defaultdict(list)

    def diagram(self) -> Diagram:
        lifelines = [c for c in self.shown if c.vertex and _is_lifeline(c)]
        for cell in self.shown:
            if cell.vertex and cell.id not in self.owner:
                self._record(cell)
        shapes = [s for c in self.shown if c.vertex and c.id not in self.owner and (s := self._shape(c))]
        lines = [self._line(c) for c in self.shown if c.edge and not _is_pressed_point(c)]
        self._label_of_edges({line.id: k for k, line in enumerate(lines)}, lines)
        if lifelines and len(lifelines) >= 2:
            return _sequence(shapes, lines, {c.id for c in lifelines})
        return EditorCanvas(shapes, lines).diagram()

    # -- records: classes, entities, tables

    def _below(self, cell: MxCell) -> list[MxCell]:
        found: list[MxCell] = []
        stack = list(reversed(self.page.children[cell.id]))
        seen = {cell.id}
        while stack:
            at = stack.pop()
            if at.id in seen:
                continue
            seen.add(at.id)
            found.append(at)
            stack += reversed(self.page.children[at.id])
        return found

    def _record(self, cell: MxCell) -> None:
        """Rows of a class, an entity or a list, and activations of a lifeline, belong to their holder."""
        inner = [c for c in self._below(cell) if c.vertex]
        if not inner:
            return
        rows = self.page.children[cell.id]
        stacked = "stackLayout" in cell.style.get("childLayout", "") or cell.shape == "table"
        plain = [c for c in rows if c.vertex]
        listed = plain and all(_is_row(c, cell) for c in plain)
        horizontal = cell.style.get("horizontalStack") == "1" and cell.shape != "table"
        if _is_lifeline(cell):
            self._own(inner, cell)
        elif cell.shape == "table" or (listed and not horizontal and (stacked or cell.base == "swimlane")):
            self._own(inner, cell)
            self.members[cell.id] = self._rows(plain, cell)

    def _own(self, inner: list[MxCell], cell: MxCell) -> None:
        for c in inner:
            self.owner[c.id] = cell.id

    def _rows(self, rows: list[MxCell], cell: MxCell) -> list[str]:
        """Texts of rows from top to bottom; cells of a table row on one line."""
        texts: list[str] = []
        for row in sorted(rows, key=lambda c: c.box[1]):
            below = [c.label for c in self._below(row) if c.vertex and c.label]
            lines = " ".join(filter(None, (row.label, *below))).split("\n")
            texts += [line for line in lines if line or "emptyMember" in row.style]
        return texts

    # -- shapes

    def _shape(self, cell: MxCell) -> CanvasShape | None:
        holder = self.cells.get(cell.parent)
        if holder is not None and holder.edge:
            return None  # a label of an edge, or a mark on it
        if cell.base == "line" or cell.shape == "line":
            return CanvasShape(cell.id, self.page.box(cell), "", "bar") if cell.id in self.joined else None
        box = self.page.box(cell)
        text = (cell.base == "text" or cell.shape == "text" or cell.clear) and not is_icon(cell.style)
        text = text or not (cell.box[2] > cell.box[0] and cell.box[3] > cell.box[1])
        children = [c for c in self.page.children[cell.id] if c.vertex and c.id not in self.owner]
        label, members = cell.label, tuple(self.members.get(cell.id, ()))
        if not members and len(cell.parts) > 1 and cell.parts[0]:
            label, *rest = cell.parts
            members = tuple(line for part in rest for line in part.split("\n") if line)
        elif members and not label:
            label, members = members[0], members[1:]
        frame = bool(children) and (cell.base == "swimlane" or cell.style.get("container") == "1")
        return CanvasShape(
            cell.id,
            box,
            label,
            form_of(cell.style),
            text=text and not children and not members,
            container=self._holder(cell),
            frame=frame,
            clear=cell.clear and not label,
            members=members,
            alone=cell.style.get("heldBy") == "none",
        )

    def _holder(self, cell: MxCell) -> str:
        for outer in self.page.ancestors(cell):
            if outer.vertex:
                return self.owner.get(outer.id, outer.id)
        return ""

    # -- lines

    def _line(self, cell: MxCell) -> CanvasLine:
        x, y = self.page.origin(cell)
        source, target = self._end(cell.source), self._end(cell.target)
        if (
            not source
            and cell.start is None
            and (holder := self.cells.get(cell.parent))
            and _is_lifeline(holder)
        ):
            source = holder.id
        inner = [(px + x, py + y) for px, py in cell.points]
        start = (cell.start[0] + x, cell.start[1] + y) if cell.start and not source else None
        stop = (cell.stop[0] + x, cell.stop[1] + y) if cell.stop and not target else None
        first = start or (self._fixed(cell, source, "exit") if source else None)
        last = stop or (self._fixed(cell, target, "entry") if target else None)
        path = tuple(p for p in (first, *inner, last) if p is not None)
        source_end, target_end = ends_of(cell.style)
        style = "thick" if _number(cell.style.get("strokeWidth")) >= THICK else "solid"
        style = "dashed" if cell.style.get("dashed") == "1" else style
        return CanvasLine(cell.id, source, target, path, cell.label, "", "", source_end, target_end, style)

    def _end(self, name: str) -> str:
        """The shape that an end is attached to: rows stand for their record, labels of edges for nothing."""
        seen: set[str] = set()
        while name in self.owner and name not in seen:
            seen.add(name)
            name = self.owner[name]
        cell = self.cells.get(name)
        return name if cell is not None and cell.vertex and self.page.shown(cell) else ""

    def _fixed(self, cell: MxCell, name: str, role: str) -> Point:
        """Where a line meets its shape: the constraint of its style, else the side that faces the other
        end."""
        end = cell.source if role == "exit" else cell.target
        own = self.cells.get(end) or self.cells[name]
        x0, y0, x1, y1 = self.page.box(own)
        if f"{role}X" in cell.style and f"{role}Y" in cell.style:
            fx, fy = _number(cell.style[f"{role}X"]), _number(cell.style[f"{role}Y"])
            return x0 + fx * (x1 - x0), y0 + fy * (y1 - y0)
        cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
        ox, oy = self._other(cell, role)
        if _is_lifeline(own) or own.style.get("perimeter") == "orthogonalPerimeter":
            return cx, min(max(oy, y0), y1)  # a line leaves them at its own height
        if max(abs(ox - cx), abs(oy - cy)) < 1e-6:
            return cx, cy
        w, h = max((x1 - x0) / 2, 1e-6), max((y1 - y0) / 2, 1e-6)
        scale = 1.0 / max(abs(ox - cx) / w, abs(oy - cy) / h)
        return cx + (ox - cx) * min(scale, 1.0), cy + (oy - cy) * min(scale, 1.0)

    def _other(self, cell: MxCell, role: str) -> Point:
        x, y = self.page.origin(cell)
        if cell.points:
            px, py = cell.points[0] if role == "exit" else cell.points[-1]
            return px + x, py + y
        far = self.cells.get(cell.target if role == "exit" else cell.source)
        if far is not None and far.vertex:
            x0, y0, x1, y1 = self.page.box(far)
            return (x0 + x1) / 2, (y0 + y1) / 2
        loose = cell.stop if role == "exit" else cell.start
        return (loose[0] + x, loose[1] + y) if loose else (x, y)

    def _label_of_edges(self, index: dict[str, int], lines: list[CanvasLine]) -> None:
        """Labels that hang on an edge: near an end they belong to that end."""
        for cell in self.shown:
            holder = self.cells.get(cell.parent)
            if (
                not cell.vertex
                or holder is None
                or not holder.edge
                or not cell.label
                or holder.id not in index
            ):
                continue
            k = index[holder.id]
            line, at = lines[k], cell.box[0] if cell.relative else 0.0
            if at <= -0.5:
                lines[k] = replace(line, source_label=_joined(line.source_label, cell.label))
            elif at >= 0.5:
                lines[k] = replace(line, target_label=_joined(line.target_label, cell.label))
            else:
                lines[k] = replace(line, label=_joined(line.label, cell.label))
        for k, line in enumerate(lines):  # a single text at an end of a line that says nothing else names it
            ends = [t for t in (line.source_label, line.target_label) if t]
            if not line.label and len(ends) == 1 and not _is_multiplicity(ends[0]):
                lines[k] = replace(line, label=ends[0], source_label="", target_label="")


_COUNT = re.compile(r"[\[(]?[\d*nNmM]+(?:\s*(?:\.\.+|:|,|-)\s*[\d*nNmM]+)?[\])]?")


def _is_multiplicity(text: str) -> bool:
    return bool(_COUNT.fullmatch(text.strip()))


def _joined(a: str, b: str) -> str:
    return "\n".join(filter(None, (a, b)))


def _is_pressed_point(cell: MxCell) -> bool:
    """Whether an edge begins and ends at one connection point and shows nothing: a press, no drag."""
    style = cell.style
    looped = cell.source == cell.target != ""
    return looped and not cell.points and not cell.label and "exitX" in style and "entryX" not in style


def _is_lifeline(cell: MxCell) -> bool:
    return cell.shape == "umlLifeline"


def _is_row(cell: MxCell, holder: MxCell) -> bool:
    """Whether a child is a line of a record: a text, a rule or a table row across its holder's width."""
    if cell.base in ("line", "text") or cell.shape in ("line", "text", "tableRow", "partialRectangle"):
        wide = width_of(holder.box)
        return cell.shape in ("tableRow", "line") or cell.base == "line" or width_of(cell.box) >= 0.6 * wide
    return False


def _sequence(shapes: list[CanvasShape], lines: list[CanvasLine], lifelines: set[str]) -> Diagram:
    """Lifelines from left to right; messages from top to bottom."""
    heads = sorted((s for s in shapes if s.id in lifelines), key=lambda s: s.box[0])
    middle = {s.id: (s.box[0] + s.box[2]) / 2 for s in heads}
    frames = [s for s in shapes if s.form == "frame"]
    rest = [s for s in shapes if s.id not in lifelines and s.form != "frame"]
    # steps on a lifeline stand for themselves, bars on it for the lifeline
    said = {s.id for s in rest if s.label or s.form not in ("rect", "rounded")}

    def lifeline(name: str, place: tuple[Point, ...]) -> str:
        if name in lifelines or name in said or not place:
            return name
        near = min(heads, key=lambda s: abs(middle[s.id] - place[0][0]))
        reach = max(width_of(near.box), 20.0) / 2
        return near.id if abs(middle[near.id] - place[0][0]) <= reach else name

    sent = [
        replace(
            line,
            source=lifeline(line.source, line.path[:1]),
            target=lifeline(line.target, line.path[-1:]),
            label=_joined(line.label, _joined(line.source_label, line.target_label)),
            source_label="",
            target_label="",
        )
        for line in lines
    ]
    sent.sort(key=lambda line: (sum(p[1] for p in line.path) / len(line.path)) if line.path else 0.0)
    made = EditorCanvas([*heads, *rest], sent).diagram(Kind.SEQUENCE)
    heads_only = tuple(replace(n, group=None) for n in made.nodes if n.id in lifelines)
    joined = {x for e in made.edges for x in (e.source, e.target)}
    more = tuple(n for n in made.nodes if n.id not in lifelines and n.id in joined)
    notes = tuple(n.label for n in made.nodes if n.id not in lifelines and n.id not in joined and n.label)
    known = {n.id for n in (*heads_only, *more)}
    edges = tuple(e for e in made.edges if e.source in known and e.target in known)
    nodes, said_aside = (*heads_only, *more), (*made.notes, *notes)
    groups = tuple(_message_frame(f, edges) for f in frames)
    return replace(made, nodes=nodes, edges=edges, groups=groups, notes=said_aside, direction="LR")


FRAMES = ("loop", "alt", "opt", "par", "critical", "break")


def _message_frame(frame: CanvasShape, edges: tuple[Edge, ...]) -> Group:
    """A frame around messages: its kind is its first word, its messages those at its height."""
    word, _, rest = frame.label.partition(" ")
    kind = word.lower() if word.lower() in FRAMES else "group"
    heights = [sum(y for _, y in e.path) / len(e.path) if e.path else frame.box[1] - 1 for e in edges]
    inside = tuple(k for k, y in enumerate(heights) if frame.box[1] <= y <= frame.box[3])
    return Group(frame.id, rest if kind != "group" else frame.label, None, frame.box, kind, inside)
