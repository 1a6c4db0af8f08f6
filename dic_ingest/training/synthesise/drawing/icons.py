"""Small pictures of devices and services, drawn by hand for this project, as SVG.

In: a printed name, a shape, a place and a colour. Out: an SVG group. The name chooses the picture.
"""

from __future__ import annotations

import re

_PICTURES = {  # in a square of 40
    "server": '<rect x="8" y="3" width="24" height="34" rx="2"/><path d="M12 10H28M12 17H28M12 24H28" {w}/>'
              '<circle cx="26" cy="31" r="1.8" {f}/>',
    "database": '<path d="M6 9v22c0 3 6 6 14 6s14-3 14-6V9"/><ellipse cx="20" cy="9" rx="14" ry="6"/>'
                '<path d="M6 20c0 3 6 6 14 6s14-3 14-6" {w}/>',
    "router": '<circle cx="20" cy="20" r="17"/><path d="M9 20H31M20 9V31M26 15l5 5-5 5M14 25l-5-5 5-5" {w}/>',
    "switch": '<rect x="3" y="11" width="34" height="18" rx="2"/><path d="M9 17H27l-3-3M31 23H13l3 3" {w}/>',
    "antenna": '<path d="M20 14L12 38H28Z"/><circle cx="20" cy="11" r="3" {f}/>'
               '<path d="M11 4a12 12 0 0 0 0 14M29 4a12 12 0 0 1 0 14" fill="none"/>',
    "phone": '<rect x="11" y="2" width="18" height="36" rx="3"/><path d="M13 7H27V31H13Z" {w}/>'
             '<circle cx="20" cy="34.5" r="1.5" {f}/>',
    "cloud": '<path d="M11 32a8 8 0 0 1 0-16 10 10 0 0 1 19-2 9 9 0 0 1 0 18Z"/>',
    "wall": '<rect x="4" y="7" width="32" height="26"/>'
            '<path d="M4 16H36M4 24H36M14 7V16M26 7V16M20 16V24M10 24V33M30 24V33" {w}/>',
    "person": '<circle cx="20" cy="11" r="7"/><path d="M6 37c0-10 6-16 14-16s14 6 14 16Z"/>',
    "screen": '<rect x="4" y="5" width="32" height="23" rx="2"/><path d="M7 8H33V25H7Z" {w}/>'
              '<path d="M14 36H26L23 28H17Z"/>',
    "gear": '<circle cx="20" cy="20" r="13"/><circle cx="20" cy="20" r="5" {f}/>'
            '<path d="M20 2V8M20 32V38M2 20H8M32 20H38M7 7l5 5M28 28l5 5M33 7l-5 5M12 28l-5 5"/>',
}  # fmt: skip
_WORDS = (
    ("database", r"DB|Store|Database|Repository|Cache|Ledger|Bucket|UDR|UDM|HSS|Lake|Archive|Registry|Log"),
    ("wall", r"Firewall|FW|DMZ|Shield|Fraud|Guard"),
    ("antenna", r"gNB|eNB|eNodeB|RU|AP|Radio|Cell|Satellite|Teleport|VSAT|Antenna"),
    ("phone", r"UE|Phone|Mobile|Tablet|Terminal|Smartphone"),
    ("router", r"Router|Gateway|PE|CE|BNG|CSR|UPF|P\d|AS\d+"),
    ("switch", r"Switch|SW\d*|Leaf|Spine|Dist|Acc|OLT|ROADM|AGG|Splitter"),
    ("cloud", r"Internet|Cloud|ISP|Network|DN|IMS|CDN|WAN"),
    ("person", r"User|Employee|Engineer|Agent|Admin|Scientist|Planner|Annotator|Clinician|Patient"),
    ("screen", r"Browser|Portal|Dashboard|Console|HMI|PCs|Laptop|App|TV|Client|UI"),
    ("gear", r"Service|Engine|Function|Job|Controller|PLC|Manager|Worker|Operator|Scheduler"),
)  # fmt: skip


def icon(label: str, shape: str, x: float, y: float, side: float, colour: str) -> str:
    """The picture of a part, its corner at x and y, `side` points wide."""
    by_shape = {"cylinder": "database", "circle": "gear", "actor": "person"}.get(shape, "server")
    name = next(
        (n for n, words in _WORDS if re.search(rf"(?<![a-zA-Z])(?:{words})(?![a-z])", label)), by_shape
    )
    drawn = _PICTURES[name].format(w='fill="none" stroke="#ffffff" stroke-width="1.6"', f='fill="#ffffff"')
    return (
        f'<g transform="translate({x:.1f} {y:.1f}) scale({side / 40:.3f})" fill="{colour}" '
        f'stroke="{colour}" stroke-width="1.6">{drawn}</g>'
    )
