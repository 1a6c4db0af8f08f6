"""Pictograms of network equipment, drawn with a `Sketch`. Each returns its width and height."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reportlab.lib.colors import HexColor

if TYPE_CHECKING:
    from sketch import Sketch


def phone(s: Sketch, x: float, y: float) -> tuple[float, float]:
    """A handset."""
    s.canvas.roundRect(x - 8, s.height - y - 15, 16, 30, 3, fill=1)
    s.canvas.rect(x - 6, s.height - y - 9, 12, 19, fill=0)
    s.canvas.circle(x, s.height - y - 12, 1.2, fill=0)
    return 16, 30


def tower(s: Sketch, x: float, y: float) -> tuple[float, float]:
    """A radio mast with waves."""
    s.outline([(x - 9, y + 16), (x, y - 8), (x + 9, y + 16)], fill=False, close=False)
    s.outline([(x - 6, y + 8), (x + 6, y + 8)], fill=False, close=False)
    s.outline([(x - 3, y), (x + 3, y)], fill=False, close=False)
    cy = s.height - y + 8
    for r in (6, 11):
        s.canvas.arc(x - r, cy - r, x + r, cy + r, -40, 80)
        s.canvas.arc(x - r, cy - r, x + r, cy + r, 140, 80)
    s.canvas.circle(x, cy, 1.8, fill=1)
    return 24, 34


def server(s: Sketch, x: float, y: float) -> tuple[float, float]:
    """A rack of three units."""
    for k in range(3):
        s.canvas.rect(x - 15, s.height - y + 5 - k * 11, 30, 10, fill=1)
        s.canvas.circle(x - 10, s.height - y + 10 - k * 11, 1.4, fill=0)
        s.outline([(x, y - 10 + k * 11), (x + 11, y - 10 + k * 11)], fill=False, close=False)
    return 30, 34


def cloud(s: Sketch, x: float, y: float) -> tuple[float, float]:
    """A cloud out of arcs."""
    path = s.canvas.beginPath()
    cy = s.height - y
    path.moveTo(x - 26, cy - 14)
    path.curveTo(x - 44, cy - 14, x - 42, cy + 6, x - 27, cy + 4)
    path.curveTo(x - 26, cy + 18, x - 6, cy + 20, x - 2, cy + 12)
    path.curveTo(x + 8, cy + 24, x + 28, cy + 16, x + 24, cy + 5)
    path.curveTo(x + 40, cy + 6, x + 42, cy - 14, x + 26, cy - 14)
    path.close()
    s.canvas.drawPath(path, stroke=1, fill=1)
    return 76, 34


def router(s: Sketch, x: float, y: float) -> tuple[float, float]:
    """A disc with a cross of four arrows."""
    s.canvas.circle(x, s.height - y, 15, fill=1)
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        s.outline([(x + 3 * dx, y + 3 * dy), (x + 11 * dx, y + 11 * dy)], fill=False, close=False)
        tip = (x + 11 * dx, y + 11 * dy)
        side = (3 * dy, 3 * dx)
        s.outline(
            [
                (tip[0] - 4 * dx + side[0], tip[1] - 4 * dy + side[1]),
                tip,
                (tip[0] - 4 * dx - side[0], tip[1] - 4 * dy - side[1]),
            ],
            fill=False,
            close=False,
        )
    return 30, 30


def switch(s: Sketch, x: float, y: float) -> tuple[float, float]:
    """A flat box with ports."""
    s.canvas.rect(x - 22, s.height - y - 8, 44, 16, fill=1)
    for k in range(6):
        s.canvas.rect(x - 18 + k * 6.2, s.height - y - 4, 4.2, 5, fill=0)
    return 44, 16


def firewall(s: Sketch, x: float, y: float) -> tuple[float, float]:
    """A brick wall."""
    s.canvas.setFillColor(HexColor("#f5cba7"))
    s.canvas.rect(x - 16, s.height - y - 15, 32, 30, fill=1)
    for k in range(3):
        yy = y - 7.5 + k * 7.5
        s.outline([(x - 16, yy), (x + 16, yy)], fill=False, close=False)
    for k in range(4):
        for dx in (-8, 8) if k % 2 else (0,):
            s.outline([(x + dx, y - 15 + k * 7.5), (x + dx, y - 7.5 + k * 7.5)], fill=False, close=False)
    return 32, 30


def database(s: Sketch, x: float, y: float) -> tuple[float, float]:
    """A drum."""
    s._cylinder(x - 14, y - 16, 28, 32)
    return 28, 32


ICONS = {
    f.__name__: f for f in (phone, tower, server, cloud, router, switch, firewall, database)
}  # fmt: skip
