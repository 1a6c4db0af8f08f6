"""A `Diagram` as a draw.io file that can be edited again: shapes where they were read, lines that stay
attached."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape as html_escape
from xml.sax.saxutils import quoteattr

from dic_ingest.model.box import Box, height_of, width_of
from dic_ingest.model.diagram import Diagram, Edge, End, Group, Node
from dic_ingest.render.layout import LINE, page_size, placed

_SHAPES = {
    "rect": "rounded=0",
    "rounded": "rounded=1",
    "stadium": "rounded=1;arcSize=50",
    "circle": "ellipse",
    "diamond": "rhombus",
    "choice": "rhombus",
    "hexagon": "shape=hexagon;perimeter=hexagonPerimeter2",
    "cylinder": "shape=cylinder3;boundedLbl=1;size=8",
    "parallelogram": "shape=parallelogram",
    "subroutine": "shape=process",
    "actor": "shape=umlActor;verticalLabelPosition=bottom;verticalAlign=top",
    "start": "ellipse;shape=startState;fillColor=#000000",
    "end": "ellipse;shape=endState;fillColor=#000000",
    "cloud": "shape=cloud",
    "note": "shape=note;size=12",
    "document": "shape=document",
    "folder": "shape=folder",
    "component": "shape=component",
    "cube": "shape=cube",
    "triangle": "triangle",
    "step": "shape=step",
    "card": "shape=card",
    "icon": "shape=image;imageAspect=0;verticalLabelPosition=bottom;verticalAlign=top",
    "bar": "rounded=0;fillColor=#000000",
}
_HEADS = {
    End.NONE: ("none", ""),
    End.ARROW: ("classic", "1"),
    End.TRIANGLE: ("block", "0"),
    End.DIAMOND: ("diamond", "0"),
    End.FILLED_DIAMOND: ("diamond", "1"),
    End.CIRCLE: ("oval", "0"),
    End.CROSS: ("cross", ""),
    End.ONE: ("ERmandOne", ""),
    End.ZERO_OR_ONE: ("ERzeroToOne", ""),
    End.MANY: ("ERoneToMany", ""),
    End.ZERO_OR_MANY: ("ERzeroToMany", ""),
}
_ROW = "text;strokeColor=none;fillColor=none;align=left;spacingLeft=4;html=1;"
# What the place of a cell does not say is written as style keys of our own; draw.io keeps and ignores them.
ALONE = "heldBy=none"  # it stands over a frame that does not hold it
BLANK = "emptyMember=1"  # a row without words is a member, no spacer


def to_drawio(diagram: Diagram) -> str:
    """The file's XML, uncompressed, of one page."""
    return drawio_file([diagram])


def drawio_file(diagrams: Iterable[Diagram]) -> str:
    """A file with a page for each diagram."""
    pages = [_page(d, number) for number, d in enumerate(diagrams, 1)]
    return "\n".join(['<mxfile host="dic-ingest">', *pages, "</mxfile>"]) + "\n"


def _page(diagram: Diagram, number: int) -> str:
    graph = placed(diagram)
    name = graph.title or f"Page-{number}"
    cells = _DrawioCells(graph).cells()
    return "\n".join(
        [
            f"  <diagram id={_attribute(f'page{number}')} name={_attribute(name)}>",
            '    <mxGraphModel grid="1" page="1"><root>',
            '      <mxCell id="0"/><mxCell id="1" parent="0"/>',
            *cells,
            "    </root></mxGraphModel>",
            "  </diagram>",
        ]
    )


class _DrawioCells:
    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.groups = {g.id: g for g in diagram.groups}
        names = [*(g.id for g in diagram.groups), *(n.id for n in diagram.nodes)]
        self.ids = {name: f"c{k}" for k, name in enumerate(names, 1)}
        self.count = 0

    def cells(self) -> list[str]:
        """Frames first, then what stands in them, then lines and notes."""
        found: list[str] = []
        sequence = self.diagram.kind == "sequence"
        for g in self._outer_first():
            found.append(self._message_frame(g) if sequence and g.edges else self._frame(g))
        bottom = page_size(self.diagram)[1]
        for n in self.diagram.nodes:
            found += self._lifeline(n, bottom) if sequence else self._node(n)
        for e in self.diagram.edges:
            found += self._message(e) if sequence else self._edge(e)
        for k, note in enumerate(self.diagram.notes):
            box = (0.0, bottom + 200 + 40 * k, 400.0, bottom + 230 + 40 * k)
            found.append(_vertex(f"note{k}", note, "text;html=1;", box, "1"))
        return found

    def _outer_first(self) -> list[Group]:
        done: dict[str, Group] = {}
        waiting = list(self.diagram.groups)
        while waiting:
            ready = [g for g in waiting if g.parent not in self.groups or g.parent in done]
            for g in ready or waiting:
                done[g.id] = g
            waiting = [g for g in waiting if g.id not in done]
        return list(done.values())

    def _place(self, box: Box | None, holder: str | None) -> tuple[Box, str]:
        """A box from the corner of its holder, and the holder's cell."""
        x0, y0, x1, y1 = box or (0.0, 0.0, 80.0, 40.0)
        outer = self.groups.get(holder) if holder else None
        if outer is None or outer.bbox is None:
            return (x0, y0, x1, y1), "1"
        return (x0 - outer.bbox[0], y0 - outer.bbox[1], x1 - outer.bbox[0], y1 - outer.bbox[1]), self.ids[
            outer.id
        ]

    def _frame(self, g: Group) -> str:
        box, holder = self._place(g.bbox, g.parent if g.parent != g.id else None)
        style = "rounded=0;container=1;collapsible=0;fillColor=none;verticalAlign=top;align=left;html=1;"
        return _vertex(self.ids[g.id], g.label, style + self._alone(g.parent), box, holder)

    def _message_frame(self, g: Group) -> str:
        said = g.label if g.kind == "group" else f"{g.kind} {g.label}".strip()
        box = g.bbox or (0.0, 0.0, 80.0, 40.0)
        return _vertex(self.ids[g.id], said, "shape=umlFrame;pointerEvents=0;html=1;", box, "1")

    def _node(self, n: Node) -> list[str]:
        box, holder = self._place(n.bbox, n.group)
        own = self.ids[n.id]
        if not n.members:
            return [
                _vertex(
                    own,
                    n.label,
                    f"{_SHAPES.get(n.shape, 'rounded=0')};whiteSpace=wrap;html=1;{self._alone(n.group)}",
                    box,
                    holder,
                )
            ]
        lines = n.label.count("\n") + 1
        head = min(LINE * lines + 8, height_of(box) / 2)
        style = (
            f"swimlane;childLayout=stackLayout;startSize={head:.0f};horizontal=1;horizontalStack=0;html=1;"
        )
        found = [_vertex(own, n.label, style + self._alone(n.group), box, holder)]
        tall = (height_of(box) - head) / len(n.members)
        for k, member in enumerate(n.members):
            row = (0.0, head + k * tall, width_of(box), head + (k + 1) * tall)
            found.append(_vertex(f"{own}r{k}", member, _ROW if member else f"{_ROW}{BLANK};", row, own))
        return found

    def _alone(self, holder: str | None) -> str:
        return "" if holder in self.groups else f"{ALONE};"

    def _lifeline(self, n: Node, bottom: float) -> list[str]:
        x0, y0, x1, y1 = n.bbox or (0.0, 0.0, 80.0, 40.0)
        style = f"shape=umlLifeline;perimeter=lifelinePerimeter;size={y1 - y0:.0f};html=1;"
        return [_vertex(self.ids[n.id], n.label, style, (x0, y0, x1, max(bottom, y1 + 40)), "1")]

    def _edge(self, e: Edge) -> list[str]:
        inner = "".join(f'<mxPoint x="{x:.1f}" y="{y:.1f}"/>' for x, y in e.path[1:-1])
        points = f'<Array as="points">{inner}</Array>' if inner else ""
        return self._line(e, points, f' source="{self._cell(e.source)}" target="{self._cell(e.target)}"')

    def _message(self, e: Edge) -> list[str]:
        """A message keeps its height: its ends are points, its lifelines are named all the same."""
        (ax, ay), (bx, by) = e.path[0], e.path[-1]
        inner = "".join(
            f'<mxPoint x="{x:.1f}" y="{y:.1f}"/>' for x, y in e.path[1:-1] or (((ax + bx) / 2, ay),)
        )
        points = f'<mxPoint x="{ax:.1f}" y="{ay:.1f}" as="sourcePoint"/>'
        points += f'<mxPoint x="{bx:.1f}" y="{by:.1f}" as="targetPoint"/>'
        points += f'<Array as="points">{inner}</Array>'
        return self._line(e, points, f' source="{self._cell(e.source)}" target="{self._cell(e.target)}"')

    def _cell(self, name: str) -> str:
        return self.ids.get(name, "")

    def _line(self, e: Edge, points: str, ends: str) -> list[str]:
        self.count += 1
        own = f"e{self.count}"
        (tail, tail_fill), (head, head_fill) = _HEADS[e.source_end], _HEADS[e.target_end]
        style = (
            f"html=1;rounded=0;startArrow={tail};startFill={tail_fill or 0};"
            f"endArrow={head};endFill={head_fill or 0};"
        )
        style += {"dashed": "dashed=1;", "thick": "strokeWidth=4;"}.get(e.style, "")
        found = [
            f"      <mxCell id={_attribute(own)} value={_attribute(_html(e.label))} "
            f'style={_attribute(style)} edge="1" parent="1"{ends}>'
            f'<mxGeometry relative="1" as="geometry">{points}</mxGeometry></mxCell>'
        ]
        for role, text, x in (("s", e.source_label, -1), ("t", e.target_label, 1)):
            if text:
                found.append(
                    f"      <mxCell id={_attribute(own + role)} value={_attribute(_html(text))} "
                    f'style="edgeLabel;html=1;resizable=0;" vertex="1" connectable="0" '
                    f'parent={_attribute(own)}><mxGeometry x="{x}" relative="1" as="geometry"/></mxCell>'
                )
        return found


def _vertex(own: str, label: str, style: str, box: Box, parent: str) -> str:
    x0, y0, x1, y1 = box
    return (
        f"      <mxCell id={_attribute(own)} value={_attribute(_html(label))} style={_attribute(style)} "
        f'vertex="1" parent={_attribute(parent)}><mxGeometry x="{x0:.1f}" y="{y0:.1f}" '
        f'width="{max(x1 - x0, 1.0):.1f}" height="{max(y1 - y0, 1.0):.1f}" as="geometry"/></mxCell>'
    )


def _html(text: str) -> str:
    """A label as the HTML that draw.io shows verbatim."""
    return html_escape(text, quote=False).replace("\n", "<br>")


def _attribute(text: str) -> str:
    """A quoted XML attribute; characters that XML cannot hold are left out."""
    kept = "".join(
        c
        for c in text
        if (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff") or c in "\t\n"
    )
    return quoteattr(kept)
