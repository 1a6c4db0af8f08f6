"""The drawings of the sample documents: each function draws one figure with a `Sketch`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reportlab.lib.colors import HexColor
from sketch import Sketch


@dataclass(frozen=True)
class Spec:
    """A figure: what it is, its size in points, its printed label and caption, who draws it."""

    kind: str
    width: float
    height: float
    label: str
    caption: str
    draw: Callable[[Sketch], None]
    font: str = "Helvetica"


def update(s: Sketch) -> None:
    """Flowchart: firmware update with two checks, a loop and two ends."""
    s.box("start", "Update announced", 200, 20, 110, 28, "stadium", "#d5f5e3")
    s.box("load", "Download image", 200, 72, 110)
    s.box("sig", "Signature\nvalid?", 200, 134, 104, 54, "diamond", "#fef9e7")
    s.box("alarm", "Report tampering", 352, 134, 104, 32, "rect", "#fadbd8")
    s.box("write", "Write to spare slot", 200, 200, 110)
    s.box("boot", "Reboot into\nnew image", 200, 254, 110, 34)
    s.box("health", "Health check\npassed?", 200, 320, 112, 58, "diamond", "#fef9e7")
    s.box("left", "Attempts\nleft?", 58, 320, 92, 52, "diamond", "#fef9e7")
    s.box("good", "Mark slot as good", 200, 390, 110)
    s.box("back", "Roll back to\nold slot", 58, 390, 92, 34, "rect", "#fadbd8")
    s.box("done", "Update finished", 200, 444, 110, 28, "stadium", "#d5f5e3")
    s.box("failed", "Update failed", 352, 444, 104, 28, "stadium", "#fadbd8")
    s.edge("start", "load")
    s.edge("load", "sig")
    s.edge("sig", "alarm", "no", "r", "l")
    s.edge("sig", "write", "yes", label_at=(214, 168))
    s.edge("write", "boot")
    s.edge("boot", "health")
    s.edge("health", "good", "yes", label_at=(214, 357))
    s.edge("health", "left", "no", "l", "r")
    s.edge("left", "boot", "yes", "t", "l", via=((58, 254),), label_at=(58, 276))
    s.edge("left", "back", "no", label_at=(70, 355))
    s.edge("good", "done")
    s.edge("alarm", "failed", leave="b", arrive="t")
    s.edge("back", "failed", leave="b", arrive="b", via=((58, 472), (352, 472)))


def reading(s: Sketch) -> None:
    """Sequence: a sensor delivers a reading through a gateway."""
    s.size = 7.5
    s.lifelines([("sensor", "Sensor"), ("gw", "Gateway"), ("broker", "Broker")], 82, 38, 190)
    s.message("sensor", "gw", "connect", 46)
    s.message("gw", "sensor", "challenge", 64, reply=True)
    s.message("sensor", "gw", "signed challenge", 82)
    s.message("gw", "gw", "check key", 94)
    s.message("sensor", "gw", "reading", 122)
    s.message("gw", "broker", "publish", 140)
    s.message("broker", "gw", "stored", 158, reply=True)
    s.message("gw", "sensor", "sleep 60 s", 176, reply=True)


def office(s: Sketch) -> None:
    """Topology: an office network behind a firewall."""
    s.size = 7.5
    s.frame("Office network", 4, 92, 232, 118)
    s.icon("net", "Internet", 120, 22, "cloud")
    s.icon("fw", "Firewall", 120, 72, "firewall", beside=True)
    s.icon("sw", "Core switch", 120, 124, "switch", beside=True)
    s.icon("mail", "Mail server", 44, 170, "server")
    s.icon("db", "Archive", 120, 180, "database")
    s.icon("ap", "Access point", 196, 170, "router")
    s.edge("net", "fw", directed=False)
    s.edge("fw", "sw", "1 Gbit/s", directed=False, label_at=(120, 102))
    s.edge("sw", "mail", leave="l", arrive="t", via=((44, 124),), directed=False)
    s.edge("sw", "db", directed=False)
    s.edge("sw", "ap", leave="r", arrive="t", via=((196, 124),), directed=False)


def supply(s: Sketch) -> None:
    """Block diagram: a buffered power supply."""
    for name, label, x, y in (
        ("mains", "Mains\n230 V AC", 44, 30), ("rect", "Rectifier", 152, 30), ("reg", "Regulator", 260, 30),
        ("load", "Control\nboard", 368, 30), ("charge", "Charger", 152, 100),
        ("bat", "Battery\n24 V", 260, 100),
    ):  # fmt: skip
        s.box(name, label, x, y, 76, 34, fill="#fdf2e9" if name in ("mains", "bat") else "#eaf2f8")
    s.edge("mains", "rect", leave="r", arrive="l")
    s.edge("rect", "reg", "32 V", leave="r", arrive="l", label_at=(206, 22))
    s.edge("reg", "load", "5 V", leave="r", arrive="l", label_at=(314, 22))
    s.edge("rect", "charge")
    s.edge("charge", "bat", leave="r", arrive="l")
    s.edge("bat", "reg", leave="t", arrive="b", dashed=True)


def workshop(s: Sketch) -> None:
    """Flowchart for the scanned page: a repair order."""
    s.size = 10
    s.ink = HexColor("#111111")
    s.box("in", "Device received", 80, 26, 130, 36, fill="#ffffff")
    s.box("ok", "Fault\nconfirmed?", 80, 108, 116, 66, "diamond", "#ffffff")
    s.box("fix", "Repair and test", 260, 108, 126, 36, fill="#ffffff")
    s.box("out", "Return to owner", 260, 26, 126, 36, fill="#ffffff")
    s.edge("in", "ok")
    s.edge("ok", "fix", "yes", leave="r", arrive="l")
    s.edge("fix", "out", leave="t", arrive="b")
    s.edge(
        "ok", "out", "no", leave="b", arrive="r", via=((80, 160), (346, 160), (346, 26)), label_at=(120, 160)
    )


def bars(s: Sketch) -> None:
    """Chart: bars with axes, ticks and a legend; no graph."""
    c, h = s.canvas, s.height
    x0, y0, top = 52, 210, 18
    for k in range(6):
        y = y0 - k * (y0 - top) / 5
        c.setStrokeColor(HexColor("#d5d8dc"))
        c.setLineWidth(0.5)
        c.line(x0, h - y, 400, h - y)
        s.text(x0 - 6, y, str(k * 20), at="r")
    for k, (site, before, after) in enumerate(
        (("North", 82, 41), ("East", 64, 38), ("South", 91, 52), ("West", 47, 33), ("Harbour", 73, 45))
    ):
        for j, (value, fill) in enumerate(((before, "#5d6d7e"), (after, "#48c9b0"))):
            c.setFillColor(HexColor(fill))
            tall = value * (y0 - top) / 100
            c.rect(x0 + 14 + k * 68 + j * 22, h - y0, 20, tall, stroke=0, fill=1)
            s.text(x0 + 24 + k * 68 + j * 22, y0 - tall - 6, str(value), size=7)
        s.text(x0 + 35 + k * 68, y0 + 11, site)
    s.style(width=1)
    s.outline([(x0, top - 6), (x0, y0), (402, y0)], fill=False, close=False)
    for j, (name, fill) in enumerate((("before", "#5d6d7e"), ("after", "#48c9b0"))):
        c.setFillColor(HexColor(fill))
        c.rect(300 + j * 52, h - 12, 8, 8, stroke=0, fill=1)
        s.text(312 + j * 52, 8, name, at="l")
    c.saveState()
    c.translate(14, h - 114)
    c.rotate(90)
    c.setFont(s.font, s.size)
    c.drawCentredString(0, 0, "Set-up time (ms)")
    c.restoreState()
    s.text(226, y0 + 27, "Site")


def network(s: Sketch) -> None:
    """Topology of the report: radio site, nested core frames, data network."""
    s.frame("Radio site", 60, 16, 96, 224)
    s.frame("Core cluster", 176, 6, 186, 246, dashed=False)
    s.frame("Control plane", 186, 26, 166, 120)
    s.frame("User plane", 186, 158, 166, 84)
    s.icon("ue1", "Handset A", 26, 70, "phone")
    s.icon("ue2", "Handset B", 26, 178, "phone")
    s.icon("gnb1", "gNB 1", 108, 72, "tower")
    s.icon("gnb2", "gNB 2", 108, 180, "tower")
    s.box("amf", "AMF", 230, 74, 52, 26)
    s.box("smf", "SMF", 230, 120, 52, 26)
    s.box("udm", "UDM", 312, 74, 52, 26)
    s.box("pcf", "PCF", 312, 120, 52, 26)
    s.icon("upf", "UPF", 264, 196, "router")
    s.icon("dn", "Data network", 410, 196, "cloud")
    s.edge("ue1", "gnb1", leave="r", arrive="l", dashed=True, directed=False)
    s.edge("ue2", "gnb2", leave="r", arrive="l", dashed=True, directed=False)
    s.edge(
        "gnb1",
        "amf",
        "N2",
        leave="t",
        arrive="t",
        via=((108, 47), (230, 47)),
        directed=False,
        label_at=(168, 47),
    )
    s.edge(
        "gnb2",
        "amf",
        "N2",
        leave="t",
        arrive="l",
        via=((108, 140), (168, 140), (168, 74)),
        directed=False,
        label_at=(138, 140),
    )
    s.edge("gnb2", "upf", "N3", leave="r", arrive="l", directed=False, label_at=(164, 187))
    s.edge("amf", "smf", "N11", leave="b", arrive="t", directed=False)
    s.edge("amf", "udm", "N8", leave="r", arrive="l", directed=False)
    s.edge("smf", "pcf", "N7", leave="r", arrive="l", directed=False)
    s.edge("smf", "upf", "N4", leave="b", arrive="t", directed=False, label_at=(247, 152))
    s.edge("upf", "dn", "N6", leave="r", arrive="l", directed=False, label_at=(325, 196))


def registration(s: Sketch) -> None:
    """Signalling sequence of the report, with an optional part."""
    s.size = 8
    s.lifelines([("ue", "UE"), ("gnb", "gNB"), ("amf", "AMF"), ("ausf", "AUSF"), ("udm", "UDM")], 92, 40, 330)
    s.message("ue", "gnb", "RRC set-up request", 46)
    s.message("gnb", "ue", "RRC set-up", 66, reply=True)
    s.message("ue", "amf", "Registration request", 86)
    s.fragment("opt", "identity unknown", 10, 98, 238, 58)
    s.message("amf", "ue", "Identity request", 124)
    s.message("ue", "amf", "Identity response", 144, reply=True)
    s.message("amf", "ausf", "Authenticate", 172)
    s.message("ausf", "udm", "Get vector", 190)
    s.message("udm", "ausf", "Vector", 208, reply=True)
    s.message("ausf", "amf", "Challenge", 226, reply=True)
    s.message("amf", "ue", "Authentication request", 246)
    s.message("ue", "ue", "Compute result", 258)
    s.message("ue", "amf", "Authentication response", 288)
    s.message("amf", "ue", "Registration accept", 308)


def session(s: Sketch) -> None:
    """Flowchart of the report: how the SMF decides on a session request."""
    s.box("req", "Session request", 70, 22, 104, 28, "stadium", "#d5f5e3")
    s.box("sub", "Read subscription", 70, 76, 104)
    s.box("ok", "Slice\nallowed?", 70, 144, 96, 56, "diamond", "#fef9e7")
    s.box("rej", "Reject with\ncause 27", 70, 226, 104, 34, "rect", "#fadbd8")
    s.box("pick", "Select UPF", 232, 144, 104)
    s.box("load", "UPF load\nbelow 80 %?", 232, 222, 112, 60, "diamond", "#fef9e7")
    s.box("rules", "Install rules (N4)", 392, 222, 104)
    s.box("ip", "Assign address", 392, 144, 104)
    s.box("acc", "Accept session", 392, 76, 104, 28, "stadium", "#d5f5e3")
    s.box("next", "Mark UPF as busy", 232, 76, 104)
    s.edge("req", "sub")
    s.edge("sub", "ok")
    s.edge("ok", "rej", "no", label_at=(82, 184))
    s.edge("ok", "pick", "yes", leave="r", arrive="l", label_at=(136, 144))
    s.edge("pick", "load")
    s.edge("load", "rules", "yes", leave="r", arrive="l")
    s.edge("load", "next", "no", leave="l", arrive="l", via=((160, 222), (160, 76)), label_at=(160, 198))
    s.edge("next", "pick")
    s.edge("rules", "ip", leave="t", arrive="b")
    s.edge("ip", "acc", leave="t", arrive="b")


def states(s: Sketch) -> None:
    """State machine of the report, with start, end and a self-transition."""
    s.dot("root_start", 18, 40)
    s.box("dereg", "Deregistered", 104, 40, 92, 32, "rounded")
    s.box("trying", "Registering", 280, 40, 92, 32, "rounded")
    s.box("conn", "Connected", 280, 142, 92, 32, "rounded")
    s.box("idle", "Idle", 104, 142, 92, 32, "rounded")
    s.dot("root_end", 18, 142, end=True)
    s.edge("root_start", "dereg", leave="r", arrive="l")
    s.curve("dereg", "trying", "power on", (150, 33), (234, 33), ((176, 12), (208, 12)))
    s.curve("trying", "dereg", "rejected", (234, 48), (150, 48), ((208, 70), (176, 70)))
    s.edge("trying", "conn", "accepted", label_at=(280, 86))
    s.curve("conn", "idle", "inactivity 10 s", (234, 135), (150, 135), ((208, 112), (176, 112)))
    s.curve("idle", "conn", "paging", (150, 150), (234, 150), ((176, 174), (208, 174)))
    s.curve("conn", "conn", "handover", (326, 134), (326, 150), ((392, 116), (392, 168)))
    s.edge("idle", "dereg", "timer T3512", leave="t", arrive="b", label_at=(104, 92))
    s.edge("idle", "root_end", leave="l", arrive="r")


UPDATE = Spec("flowchart", 408, 478, "Figure 1", "Firmware update of a field device.", update)
READING = Spec("sequence", 240, 196, "Figure 1", "A sensor delivers one reading.", reading)
OFFICE = Spec("topology", 240, 214, "Figure 2", "Network of the branch office.", office)
SUPPLY = Spec("block", 412, 122, "Figure 1", "Power supply of the controller with battery buffer.", supply)
WORKSHOP = Spec("flowchart", 352, 166, "Figure 1", "Path of a repair order.", workshop)
BARS = Spec("chart", 410, 244, "Figure 1", "Set-up time per site before and after the change.", bars)
NETWORK = Spec("topology", 450, 256, "Figure 1", "Topology of the test network.", network, "Vera")
REGISTRATION = Spec("sequence", 450, 334, "Figure 2", "Signalling of an initial registration.", registration)
SESSION = Spec("flowchart", 450, 258, "Figure 3", "Session decision in the SMF.", session)
STATES = Spec("state", 386, 182, "Figure 4", "Registration states of a handset.", states)
