"""The group `dic-ingest train`: commands live in `dic_ingest.cli.training.<name>`, imported when called."""

from __future__ import annotations

import importlib
from pathlib import Path

import click

COMMANDS = {
    "synthesise": "Draw figures with known graphs and captions (stage 1).",
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


class Lazy(click.Group):
    """Only commands whose file exists are listed; none is imported for the help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        here = Path(__file__)
        return [name for name in COMMANDS if (here.parent / "training" / f"{name}.py").is_file()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"dic_ingest.cli.training.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if rows := [(name, COMMANDS[name]) for name in self.list_commands(ctx)]:
            with formatter.section("Commands"):
                formatter.write_dl(rows)


@click.group("train", cls=Lazy)
def command() -> None:
    """Adapt the captioner to a domain: data, three stages, preference, critic, export.

    Needs pip install '.[train]'.
    """
