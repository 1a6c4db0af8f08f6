"""draw.io styles -> the shapes and line ends of a `Diagram`."""

from __future__ import annotations

from collections.abc import Mapping

from dic_ingest.model.diagram import End

_BASES = {
    "rhombus": "diamond",
    "ellipse": "circle",
    "triangle": "triangle",
    "hexagon": "hexagon",
    "cloud": "cloud",
    "actor": "actor",
    "cylinder": "cylinder",
    "image": "icon",
    "swimlane": "rect",
    "doubleEllipse": "end",
}
_SHAPES = {
    "rhombus": "diamond",
    "ellipse": "circle",
    "doubleEllipse": "circle",
    "hexagon": "hexagon",
    "cloud": "cloud",
    "umlActor": "actor",
    "actor": "actor",
    "cylinder": "cylinder",
    "cylinder2": "cylinder",
    "cylinder3": "cylinder",
    "datastore": "cylinder",
    "parallelogram": "parallelogram",
    "trapezoid": "parallelogram",
    "process": "subroutine",
    "image": "icon",
    "waypoint": "waypoint",
    "umlFrame": "frame",
    "startState": "start",
    "endState": "end",
    "note": "note",
    "note2": "note",
    "document": "document",
    "card": "card",
    "step": "step",
    "folder": "folder",
    "component": "component",
    "module": "component",
    "cube": "cube",
    "triangle": "triangle",
    "or": "icon",
    "xor": "icon",
    "mxgraph.flowchart.decision": "diamond",
    "mxgraph.flowchart.terminator": "stadium",
    "mxgraph.flowchart.start_1": "circle",
    "mxgraph.flowchart.start_2": "circle",
    "mxgraph.flowchart.database": "cylinder",
    "mxgraph.flowchart.data": "parallelogram",
    "mxgraph.flowchart.predefined_process": "subroutine",
    "mxgraph.flowchart.stored_data": "cylinder",
    "mxgraph.bpmn.gateway2": "diamond",
    "mxgraph.bpmn.task": "rounded",
    "mxgraph.bpmn.event": "circle",
}
_ENDS = {
    "none": End.NONE,
    "classic": End.ARROW,
    "classicThin": End.ARROW,
    "open": End.ARROW,
    "openThin": End.ARROW,
    "openAsync": End.ARROW,
    "block": End.ARROW,
    "blockThin": End.ARROW,
    "async": End.ARROW,
    "doubleBlock": End.ARROW,
    "manyOptional": End.MANY,
    "oval": End.CIRCLE,
    "circle": End.CIRCLE,
    "circlePlus": End.CIRCLE,
    "halfCircle": End.CIRCLE,
    "cross": End.CROSS,
    "ERone": End.ONE,
    "ERmandOne": End.ONE,
    "ERmany": End.MANY,
    "ERoneToMany": End.MANY,
    "ERzeroToOne": End.ZERO_OR_ONE,
    "ERzeroToMany": End.ZERO_OR_MANY,
    "dash": End.NONE,
}
_PICTURES = (
    "mxgraph.aws",
    "mxgraph.azure",
    "mxgraph.gcp",
    "mxgraph.cisco",
    "mxgraph.networks",
    "mxgraph.office",
    "mxgraph.ios7.icons",
    "mxgraph.salesforce",
    "mxgraph.kubernetes",
    "mxgraph.citrix",
    "mxgraph.weblogos",
    "mxgraph.veeam",
    "mxgraph.alibaba",
    "mxgraph.ibm",
    "mxgraph.rack",
)


def is_icon(style: Mapping[str, str]) -> bool:
    """Whether the shape is a picture: an image, or a symbol of an icon library."""
    shape = style.get("shape", style.get("", ""))
    return shape == "image" or style.get("", "") == "image" or "image" in style or shape.startswith(_PICTURES)


def form_of(style: Mapping[str, str]) -> str:
    """The node shape of a style."""
    base, shape = style.get("", ""), style.get("shape", "")
    if shape in _SHAPES:
        return _SHAPES[shape]
    if is_icon(style):
        return "icon"
    if base in _BASES and not shape:
        return "circle" if base == "doubleEllipse" else _BASES[base]
    if style.get("rounded") == "1":
        return "stadium" if _number(style.get("arcSize")) >= 40 else "rounded"
    return "rect"


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def ends_of(style: Mapping[str, str]) -> tuple[End, End]:
    """What is drawn at the source and at the target; a plain line of draw.io has an arrow at its target."""
    if style.get("shape") in ("link", "wire") or style.get("", "") == "link":
        return End.NONE, End.NONE
    if style.get("shape") in ("flexArrow", "arrow", "singleArrow"):
        both = style.get("startArrow", "none") not in ("none", "0")
        return End.ARROW if both else End.NONE, _end(style, "end", "block")
    return _end(style, "start", "none"), _end(style, "end", "classic")


def _end(style: Mapping[str, str], role: str, usual: str) -> End:
    arrow = style.get(f"{role}Arrow", usual)
    filled = style.get(f"{role}Fill", "1") != "0"
    if arrow in ("diamond", "diamondThin"):
        return End.FILLED_DIAMOND if filled else End.DIAMOND
    if arrow in ("block", "blockThin") and not filled:
        return End.TRIANGLE
    return _ENDS.get(arrow, End.ARROW if arrow not in ("", "none") else End.NONE)
