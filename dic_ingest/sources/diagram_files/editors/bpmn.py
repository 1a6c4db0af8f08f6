"""BPMN 2.0 XML -> a `Diagram`: tasks, events, gateways, flows, lanes and pools, placed as the file draws
them."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from dic_ingest.errors import BrokenFileError, LimitError
from dic_ingest.model.box import Box, Point
from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.sources.diagram_files.limits import DiagramLimits
from dic_ingest.sources.diagram_files.xml_tree import local, parse_xml

_EVENTS = {
    "startEvent": "start",
    "endEvent": "end",
    "intermediateThrowEvent": "circle",
    "intermediateCatchEvent": "circle",
    "boundaryEvent": "circle",
}
_TASKS = frozenset(
    {"task", "userTask", "serviceTask", "manualTask", "scriptTask", "sendTask", "receiveTask", "callActivity"}
    | {"businessRuleTask"}
)
_CONTAINERS = frozenset({"subProcess", "adHocSubProcess", "transaction"})
_DATA = {"dataObjectReference": "document", "dataStoreReference": "cylinder", "dataObject": "document"}
_FLOWS = {"sequenceFlow": "solid", "messageFlow": "dashed", "association": "dashed"}


def read_bpmn(data: bytes | str, name: str, limits: DiagramLimits) -> Diagram:
    """The graph of a BPMN file.

    Raises:
        BrokenFileError: no BPMN. LimitError: over a bound of `limits`.
    """
    root = parse_xml(data, name, limits)
    if local(root.tag) != "definitions":
        raise BrokenFileError(f"{name} holds <{local(root.tag)[:40]}>, no BPMN definitions. Save it again.")
    return _BpmnReader(root, name, limits).diagram()


class _BpmnReader:
    def __init__(self, root: Element, name: str, limits: DiagramLimits) -> None:
        self.root, self.name, self.limits = root, name, limits
        self.nodes: dict[str, Node] = {}
        self.groups: dict[str, Group] = {}
        self.edges: list[Edge] = []
        self.notes: list[str] = []
        self.lane_of: dict[str, str] = {}
        self.pool_of: dict[str, str] = {}  # process -> pool
        self.boxes, self.paths = _geometry(root)

    def diagram(self) -> Diagram:
        """Pools first, then what stands in them, then the flows."""
        for e in self.root.iter():
            if local(e.tag) == "participant":
                own = e.get("id", "")
                self.groups[own] = Group(own, _text(e.get("name")), None, self.boxes.get(own))
                self.pool_of[e.get("processRef", "")] = own
        for process in self.root:
            if local(process.tag) in ("process", "collaboration"):
                self._inside(process, self.pool_of.get(process.get("id", "")), 0)
        known = self.nodes.keys() | self.groups.keys()
        edges = tuple(e for e in self.edges if e.source in known and e.target in known)
        ends = {x for e in edges for x in (e.source, e.target)}
        held = {n.group for n in self.nodes.values()} | {g.parent for g in self.groups.values()}
        groups = tuple(g for g in self.groups.values() if g.label or g.id in held or g.id in ends)
        nodes = tuple(self.nodes.values())
        direction = "LR"
        return Diagram(Kind.FLOWCHART, nodes, edges, groups, "", tuple(self.notes), direction)

    def _inside(self, holder: Element, group: str | None, depth: int) -> None:
        if depth > self.limits.max_depth:
            raise LimitError(
                f"{self.name} nests its processes deeper than DiagramLimits.max_depth. Raise it."
            )
        for e in holder:
            if local(e.tag) == "laneSet":
                self._lanes(e, group, depth)
        for e in holder:
            self._element(e, group, depth)

    def _lanes(self, lanes: Element, group: str | None, depth: int) -> None:
        if depth > self.limits.max_depth:
            return
        for lane in lanes:
            if local(lane.tag) != "lane":
                continue
            own = lane.get("id", "")
            self.groups[own] = Group(own, _text(lane.get("name")), group, self.boxes.get(own))
            for e in lane:
                if local(e.tag) == "flowNodeRef":
                    self.lane_of[(e.text or "").strip()] = own
                elif local(e.tag) == "childLaneSet":
                    self._lanes(e, own, depth + 1)

    def _element(self, e: Element, group: str | None, depth: int) -> None:
        tag, own, text = local(e.tag), e.get("id", ""), _text(e.get("name"))
        inside = self.lane_of.get(own, group)
        box = self.boxes.get(own)
        shape = "rounded" if tag in _TASKS else _EVENTS.get(tag) or _DATA.get(tag, "")
        if tag.endswith("Gateway"):
            shape = "diamond"
        if tag in _CONTAINERS and any(local(c.tag) in _TASKS or local(c.tag) in _EVENTS for c in e):
            self.groups[own] = Group(own, text, inside, box)
            self._inside(e, own, depth + 1)
        elif shape or tag in _CONTAINERS:
            if tag == "dataObject" or not own:
                return
            self.nodes[own] = Node(own, text, shape or "rounded", (), inside, box)
            if len(self.nodes) > self.limits.max_cells:
                raise LimitError(f"{self.name} has over DiagramLimits.max_cells elements. Raise it.")
        elif tag in _FLOWS:
            self._flow(e, tag)
        elif tag == "textAnnotation":
            self.notes += [_text(t.text) for t in e if local(t.tag) == "text" and t.text]
        for link in e if tag in _TASKS else ():
            self._data(link, own)

    def _flow(self, e: Element, tag: str) -> None:
        source, target = e.get("sourceRef", ""), e.get("targetRef", "")
        path = self.paths.get(e.get("id", ""), ())
        head = End.NONE if tag == "association" and e.get("associationDirection") != "One" else End.ARROW
        self.edges.append(
            Edge(
                source,
                target,
                _text(e.get("name")),
                head is End.ARROW,
                _FLOWS[tag],
                End.NONE,
                head,
                path=path,
            )
        )

    def _data(self, link: Element, task: str) -> None:
        """What a task reads and writes."""
        tag = local(link.tag)
        if tag not in ("dataInputAssociation", "dataOutputAssociation"):
            return
        role = "sourceRef" if tag == "dataInputAssociation" else "targetRef"
        other = next(((c.text or "").strip() for c in link if local(c.tag) == role), "")
        path = self.paths.get(link.get("id", ""), ())
        ends = (other, task) if role == "sourceRef" else (task, other)
        self.edges.append(Edge(*ends, "", True, "dashed", path=path))


def _text(text: str | None) -> str:
    lines = (" ".join(line.split()) for line in (text or "").split("\n"))
    return "\n".join(line for line in lines if line)


def _geometry(root: Element) -> tuple[dict[str, Box], dict[str, tuple[Point, ...]]]:
    """Boxes of shapes and paths of flows, from the diagram part of the file."""
    boxes: dict[str, Box] = {}
    paths: dict[str, tuple[Point, ...]] = {}
    for e in root.iter():
        if local(e.tag) == "BPMNShape":
            bounds = next((c for c in e if local(c.tag) == "Bounds"), None)
            if bounds is not None:
                x, y, w, h = (_number(bounds.get(k)) for k in ("x", "y", "width", "height"))
                boxes[e.get("bpmnElement", "")] = (x, y, x + w, y + h)
        elif local(e.tag) == "BPMNEdge":
            points = [c for c in e if local(c.tag) == "waypoint"]
            paths[e.get("bpmnElement", "")] = tuple(
                (_number(p.get("x")), _number(p.get("y"))) for p in points
            )
    return boxes, paths


def _number(text: str | None) -> float:
    try:
        found = float(text or 0)
    except ValueError:
        return 0.0
    return found if abs(found) < 1e7 else 0.0
