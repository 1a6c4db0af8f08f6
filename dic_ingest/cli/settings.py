"""`dic-ingest settings`: every setting with its default and meaning, as a TOML file to start from."""

from __future__ import annotations

import click

from dic_ingest.batch.settings import WorkSettings
from dic_ingest.settings_file import settings_toml


@click.command()
def command() -> int:
    """Print all settings as TOML with their defaults and meanings.

    \b
    Keep what you change:   dic-ingest settings > settings.toml
                            dic-ingest run docs --out results --settings settings.toml
    """
    click.echo(settings_toml(WorkSettings), nl=False)
    return 0
