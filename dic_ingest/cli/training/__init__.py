"""The group `dic-ingest train`: a module per command, imported when called."""

from __future__ import annotations

import click

from dic_ingest.cli.lazy_group import LazyGroup

COMMANDS = {
    "synthesise": "Draw figures with known graphs and captions (stage 1).",
    "import": "Take figures of other people with their sources, captions or questions.",
    "facts": "Show the facts that drawn figures obey, and hold figures against them.",
    "annotate": "Choose figures for experts, and read their captions back (stage 2).",
    "questions": "Make questions about figures from their graphs (stage 3).",
    "plan": "Tell what a stage takes on your card: memory, hours, disk.",
    "sft": "Fine-tune a vision-language model, stage by stage.",
    "preference": "Tune a model by preferred and rejected captions (DPO, mixed loss).",
    "critic": "Train a model that checks statements about a figure, and measure it.",
    "captioner": "Train the small captioner that looks twice (MM-SeR).",
    "cim": "Reward captions by what they retrieve (CIM, GRPO).",
    "export": "Merge an adapter into its model and save it for DICModel.",
    "demo": "Run the whole chain small, on this machine's CPU.",
}


@click.group("train", cls=LazyGroup, package=__name__, summaries=COMMANDS)
def command() -> None:
    """Adapt the captioner to a domain: data, three stages, preference, critic, export.

    Needs pip install '.[train]'.
    """
