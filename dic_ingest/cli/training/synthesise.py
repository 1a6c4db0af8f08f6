"""`dic-ingest train synthesise`: figures of a domain made up, drawn and captioned, as a folder of pairs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dic_ingest.cli.terminal import say


@click.command()
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option("--count", default=7000, show_default=True, help="Pairs in the folder when it is done.")
@click.option(
    "--seed", default=1, show_default=True, help="The same seed gives the same graphs and captions."
)
@click.option(
    "--tools",
    default="mermaid,graphviz,plantuml,drawio,visio,powerpoint,excalidraw",
    show_default=True,
    help="What may draw, or in whose manner, with commas.",
)
@click.option(
    "--domains", default="", help="Only these domains, with commas; by default all that the tools draw."
)
@click.option("--least", default=3, show_default=True, help="Fewest nodes of a drawing.")
@click.option("--most", default=14, show_default=True, help="Most nodes of a drawing.")
@click.option(
    "--facts", multiple=True, metavar="FILE", type=click.Path(exists=True, dir_okay=False),
    help="TOML file of a domain's own facts and plots; may be given more than once. See `train facts`.",
)  # fmt: skip
@click.option(
    "--endpoint", default="", metavar="URL", help="OpenAI-compatible server that writes part of it."
)
@click.option("--model", default="", help="The model of that server.")
@click.option("--side", default=1024, show_default=True, help="Longest side of a picture in pixels.")
def command(out: Path, tools: str, domains: str, endpoint: str, model: str, **sizes: Any) -> int:
    """Write figures, their graphs and captions into OUT: pairs.jsonl, images/, card.md.

    Domains: telecom call flow, process, network topology, cloud architecture, protocol state machine, class
    model, data model. A run that was stopped goes on; a larger --count adds to a folder.

    \b
    dic-ingest train synthesise pairs --count 200
    dic-ingest train synthesise pairs --tools graphviz --domains "process,network topology"

    With --endpoint a language model writes half of the graphs and rewords captions; what does not hold
    against the graph is not taken. Its key is read from DIC_ENDPOINT_KEY.

    Needs for Mermaid and the editors' manners: Node.js, Chromium and puppeteer-core (npm install
    puppeteer-core@24; name its node_modules in DIC_INGEST_NODE_MODULES); for the others, and for places
    in editors' manners, Debian's graphviz and plantuml.
    """
    from dic_ingest.captioning.engines.settings import EndpointSettings
    from dic_ingest.training.synthesise.dataset import synthesise
    from dic_ingest.training.synthesise.settings import SynthesisSettings, drawable
    from dic_ingest.training.synthesise.words import split_list

    drawing = split_list(tools)
    can = drawable(drawing)
    settings = SynthesisSettings(
        tools=tuple(drawing),
        domains=tuple(split_list(domains)) or can,
        endpoint=EndpointSettings(endpoint, model, structured=False) if endpoint else None,
        **sizes,
    )

    def show_progress(done: int, wanted: int) -> None:
        say(f"{done} of {wanted}", err=True)

    if not domains and (left := [d for d in SynthesisSettings().domains if d not in can]):
        say(f"{', '.join(drawing)} do not draw: {', '.join(left)}", err=True)
    held = synthesise(out, settings, show_progress)
    say(f"{held} pairs in {out}; see card.md there")
    return 0
