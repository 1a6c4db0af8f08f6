"""Which interfaces does the AMF have across all manuals? Three manuals, drawn here, become one graph.

    python examples/graph_across_manuals.py work        # a folder for the manuals and the results

One manual says what AMF stands for and draws it by its long name; the others draw "AMF". No model is asked.
Needs: pip install reportlab
"""

import json
import sys
from pathlib import Path

from llama_index.core.graph_stores.types import PropertyGraphStore
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from dic_ingest.batch.run import run
from dic_ingest.batch.settings import WorkSettings
from dic_ingest.index.graph_store import open_graph_store, stored_occurrences, write_graph

LONG = "Access and Mobility Management Function"
MANUALS = {  # title, a sentence, and what is drawn: (left, interface, right)
    "radio": ("Radio access", "The AMF controls the radio network.", [("gNB", "N2", "AMF")]),
    "core": (
        "Core network",
        f"The {LONG} (AMF) asks the Session Management Function (SMF) for sessions.",
        [(LONG, "N11", "SMF"), ("SMF", "N4", "UPF")],
    ),
    "subscribers": (
        "Subscriber data",
        "Subscribers are looked up before they are let in.",
        [("AMF", "N8", "UDM"), ("AMF", "N12", "AUSF")],
    ),
}
WIDTH, HEIGHT = 130, 44  # of a box, in points


def draw(path: Path, title: str, sentence: str, links: list[tuple[str, str, str]]) -> None:
    """A page with a heading, a sentence, and a block diagram with its caption."""
    page = Canvas(str(path), pagesize=A4)
    page.setFont("Helvetica-Bold", 16)
    page.drawString(72, 770, title)
    page.setFont("Helvetica", 11)
    page.drawString(72, 740, sentence)
    page.drawString(72, 724, "Figure 1 shows the functions and the interfaces between them.")
    page.setFont("Helvetica", 9)
    for row, (left, name, right) in enumerate(links):
        y = 620 - row * 90
        for x, label in ((80, left), (380, right)):
            page.rect(x, y, WIDTH, HEIGHT)
            words = label.split()
            half = (len(words) + 1) // 2 if len(label) > 22 else len(words)
            lines = [line for line in (" ".join(words[:half]), " ".join(words[half:])) if line]
            for k, line in enumerate(lines):
                page.drawCentredString(
                    x + WIDTH / 2, y + HEIGHT / 2 - 3 + 6 * (len(lines) - 1) - 12 * k, line
                )
        page.line(80 + WIDTH, y + HEIGHT / 2, 380, y + HEIGHT / 2)
        page.drawCentredString((80 + WIDTH + 380) / 2, y + HEIGHT / 2 + 5, name)
    page.setFont("Helvetica", 10)
    page.drawCentredString(297, 620 - len(links) * 90 + 40, f"Figure 1: {title}, functions and interfaces")
    page.save()


def interfaces(store: PropertyGraphStore, name: str) -> list[str]:
    """The relations of an entity, by one of its names, each with the drawings that show it."""
    known = [n.id for n in store.get() if name in n.properties.get("aliases", [])]
    found = []
    for source, relation, target in store.get_triplets(entity_names=known):
        if relation.label == "part of" or not ({source.id, target.id} & set(known)):
            continue
        other = target if source.id in known else source
        for place in stored_occurrences(relation.properties):
            box = json.dumps([round(v) for v in place.get("box", [])])
            where = f"{place['file']}, page {place['page']}, {place.get('figure_label', 'a figure')} at {box}"
            found.append(f"{relation.label} to {other.properties['aliases'][0]}: {where}")
    return sorted(found)


def main(work: Path) -> None:
    """Draw, read, merge, ask."""
    manuals, out = work / "manuals", work / "results"
    manuals.mkdir(parents=True, exist_ok=True)
    for name, (title, sentence, links) in MANUALS.items():
        draw(manuals / f"{name}.pdf", title, sentence, links)
    run([manuals], out, WorkSettings())
    graph = write_graph(out)
    print(f"{len(graph.entities)} entities, {len(graph.relations)} relations")
    print("Which interfaces does the AMF have across all manuals?")
    print("\n".join(interfaces(open_graph_store(out), "AMF")))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
