"""Pictures painted for the training of the looks network: wordmarks, architectures with icons, listings.

In: art, lines of text, chance. Out: pictures, none twice the same.
"""

from __future__ import annotations

import random
import re

from PIL import Image, ImageDraw, ImageFont, ImageOps

_FONTS = ("DejaVuSansMono.ttf", "LiberationMono-Regular.ttf", "DejaVuSans.ttf", "LiberationSans-Regular.ttf",
          "LiberationSerif-Regular.ttf", "DejaVuSans-Bold.ttf", "LiberationSans-Bold.ttf")  # fmt: skip


def _font(chance: random.Random, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """One of the fonts by chance; Pillow's own where none of that name is installed."""
    try:
        return ImageFont.truetype(chance.choice(_FONTS), size)
    except OSError:
        return ImageFont.load_default(size)


_NAMES = ("API Gateway", "Database", "Worker", "Queue", "User", "VPC", "Public subnet", "Load balancer",
          "UPF", "Storage", "Firewall", "Cluster", "Node 1", "Service A", "Cache", "Core")  # fmt: skip
_CODE = ((255, 255, 255), (245, 245, 245), (30, 30, 30), (40, 42, 54), (0, 43, 54), (253, 246, 227))


def logo(art: Image.Image, chance: random.Random) -> Image.Image:
    """A wordmark: a large word beside or under a piece of art, or alone."""
    word = "".join(chance.choice("aeioubcdfgklmnprstvABCDEKLMPRST") for _ in range(chance.randint(3, 9)))
    font = _font(chance, chance.randint(40, 90))
    colour = tuple(chance.randrange(160) for _ in range(3))
    box = font.getbbox(word)
    width, height = round(box[2]) + 20, round(box[3]) + 20
    art = ImageOps.contain(art, (height * 2, height * 2))
    beside = chance.random() < 0.6
    size = (width + art.width + 20, max(height, art.height) + 20) if beside else (
        max(width, art.width) + 20, height + art.height + 20)  # fmt: skip
    ground = (255, 255, 255) if chance.random() < 0.8 else tuple(chance.randrange(200, 256) for _ in range(3))
    made = Image.new("RGB", size, ground)
    if chance.random() < 0.75:
        made.paste(art, (10, 10))
    place = (art.width + 15, (size[1] - height) // 2) if beside else (10, art.height + 10)
    ImageDraw.Draw(made).text(place, word, fill=colour, font=font)
    return made


def architecture(icons: list[Image.Image], chance: random.Random) -> Image.Image:
    """Icons and boxes with names, joined by lines, in coloured frames: as people draw their systems."""
    columns, rows, cell = chance.randint(2, 6), chance.randint(1, 4), chance.randint(110, 180)
    size = chance.randint(10, 16)
    made = Image.new("RGB", (columns * cell + 40, rows * cell + 60), "white")
    pen = ImageDraw.Draw(made)
    font = _font(chance, size)

    def colour(low: int, high: int) -> tuple[int, ...]:
        return tuple(chance.randrange(low, high) for _ in range(3))

    def middle(c: int, r: int) -> tuple[int, int]:
        return round((c + 0.5) * cell) + 20, round((r + 0.5) * cell) + 30

    for _ in range(chance.randint(0, 3)):
        c, r = chance.randrange(columns), chance.randrange(rows)
        across, down = chance.randint(1, columns - c), chance.randint(1, rows - r)
        box = (c * cell + 26, r * cell + 36, (c + across) * cell + 14, (r + down) * cell + 24)
        ground = colour(215, 256) if chance.random() < 0.6 else None
        pen.rectangle(box, fill=ground, outline=colour(60, 200), width=chance.randint(1, 3))
        pen.text((box[0] + 6, box[1] + 4), chance.choice(_NAMES), fill=colour(0, 120), font=font)
    places = [(c, r) for c in range(columns) for r in range(rows) if chance.random() < 0.8]
    ink = colour(0, 130)
    for c, r in places:
        beside = [p for p in places if abs(p[0] - c) + abs(p[1] - r) == 1 and p > (c, r)]
        for other in beside:
            if chance.random() < 0.7:
                a, b = middle(c, r), middle(*other)
                pen.line((*a, *b), fill=ink, width=chance.randint(1, 3))
                x, y = (2 * b[0] + a[0]) // 3, (2 * b[1] + a[1]) // 3
                dx, dy = (b[0] > a[0]) * 8, (b[1] > a[1]) * 8
                pen.polygon([(x + dx, y + dy), (x - dy, y - dx), (x + dy, y + dx)], fill=ink)
    plain = chance.random() < 0.35
    for c, r in places:
        x, y = middle(c, r)
        half = round(cell * chance.uniform(0.18, 0.28))
        name = chance.choice(_NAMES)
        if plain or chance.random() < 0.25:
            wide = max(half, round(font.getlength(name) / 2) + 6)
            pen.rectangle(
                (x - wide, y - half // 2, x + wide, y + half // 2), fill=colour(150, 256), outline=ink
            )
            pen.text((x, y), name, fill=(0, 0, 0), font=font, anchor="mm")
        else:
            icon = ImageOps.contain(chance.choice(icons), (2 * half, 2 * half))
            made.paste(icon, (x - icon.width // 2, y - icon.height // 2))
            pen.text((x, y + half + size), name, fill=(0, 0, 0), font=font, anchor="mm")
    return made


def listing(lines: list[str], chance: random.Random) -> Image.Image:
    """Some lines of code or prose, coloured word by word or plain, as panels on slides show them."""
    size = chance.randint(11, 24)
    font = _font(chance, size)
    ground = chance.choice(_CODE)
    dark = sum(ground) < 380
    inks = [
        tuple(chance.randrange(120, 256) if dark else chance.randrange(130) for _ in range(3))
        for _ in range(chance.choice((1, 1, 5)))
    ]
    count = chance.randint(3, 28)
    start = chance.randrange(max(1, len(lines) - count))
    shown = [k[: chance.randint(40, 90)] for k in lines[start : start + count]]
    width = max(60, *(round(font.getlength(k)) for k in shown)) + 40
    made = Image.new("RGB", (width, round(count * size * 1.4) + 30), ground)
    pen = ImageDraw.Draw(made)
    for i, line in enumerate(shown):
        x = 15.0
        for word in re.split(r"( +)", line):
            pen.text((x, 12 + i * size * 1.4), word, fill=inks[sum(map(ord, word)) % len(inks)], font=font)
            x += font.getlength(word)
    return made
