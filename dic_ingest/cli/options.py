"""Options that several commands share, and the one value that they become: `IngestOptions`."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from dic_ingest.batch.settings import WorkSettings
from dic_ingest.cli.terminal import log_to_terminal
from dic_ingest.errors import SettingsError

# `KEY=VALUE` as it is given on the command line: settings of engines and of training, by name.


def read_options(given: Iterable[str], option: str = "--set") -> dict[str, Any]:
    """`key=value` texts as a dictionary; numbers, true and false as such."""
    found = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise SettingsError(
                f"{option} takes KEY=VALUE, got {text!r}. Write it like url=http://localhost:8000/v1."
            )
        try:
            found[key.strip()] = tomllib.loads(f"v = {value}")["v"]
        except tomllib.TOMLDecodeError:
            found[key.strip()] = value.strip()
    return found


# Options that several commands share, and the one value that they become: `IngestOptions`.


OPTIONS = "dic_ingest.engine_options"

engine_option = click.option(
    "--engine-option",
    multiple=True,
    metavar="KEY=VALUE",
    expose_value=False,  # read by `make_settings`, so that no command has to hand it on
    callback=lambda context, _, given: context.meta.update({OPTIONS: given}),
    help="An option of the engine, e.g. url=http://localhost:8000/v1; repeatable.",
)

NODES = "dic_ingest.nodes"


def _keep_names(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> None:
    """Note the names that an option lists, under the setting of `[nodes]` that it stands for."""
    names = [name.strip() for text in given for name in text.split(",") if name.strip()]
    if names:
        context.meta.setdefault(NODES, {})[str(parameter.name)] = names


def results_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options of a command that writes results; `make_settings` reads them."""
    types = click.option(
        "--node-types",
        "types",
        multiple=True,
        metavar="TYPE,...",
        expose_value=False,
        callback=_keep_names,
        help="Only nodes of these types: text, table, figure, equation, code. By default all.",
    )
    formats = click.option(
        "--format",
        "formats",
        multiple=True,
        metavar="FORMAT,...",
        expose_value=False,
        callback=_keep_names,
        help="The whole document also as markdown (default), html; json alone is document.json.",
    )
    return types(formats(command))


verbose_option = click.option(
    "-v",
    "--verbose",
    is_flag=True,
    expose_value=False,
    callback=lambda context, _, given: log_to_terminal() if given else None,
    help="Log what is done, on standard error: stages with their seconds, documents, warnings.",
)
profile_option = click.option(
    "--profile", is_flag=True, help="At the end, seconds by stage and the slowest figures, on standard error."
)

SHARED = (
    click.option(
        "--engine",
        default=None,
        help="Captioning engine: dic-small (default), local, endpoint, none, fake.",
    ),
    engine_option,
    click.option(
        "--tier",
        default=None,
        type=click.Choice(["auto", "flash", "basic", "standard", "advanced"]),
        help="MinerU tier; auto (default) takes the best whose weights are present.",
    ),
    verbose_option,
    click.option("--server", default=None, metavar="URL", help="Lay pages out on this mineru-api server."),
    click.option("--password", default=None, help="Password of encrypted PDFs."),
    click.option("--pages", default="", metavar="RANGE", help='Only these pages, e.g. "1-5,8".'),
    click.option(
        "--settings",
        "settings_file",
        type=click.Path(path_type=Path),
        default=None,
        help="TOML file with a table per stage; `dic-ingest settings` prints one.",
    ),
)


@dataclass(frozen=True)
class IngestOptions:
    """What the shared options say: settings, password and pages of the documents."""

    settings: WorkSettings
    password: str | None
    pages: str


def shared_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options that choose how a document is ingested; the command gets them as `chosen`."""

    @functools.wraps(command)
    def with_chosen(
        engine: str | None,
        tier: str | None,
        server: str | None,
        password: str | None,
        pages: str,
        settings_file: Path | None,
        **own: Any,
    ) -> int:
        settings = make_settings(settings_file, engine, tier, server)
        return command(**own, chosen=IngestOptions(settings, password, pages))

    for option in reversed(SHARED):
        with_chosen = option(with_chosen)
    return with_chosen


def make_settings(
    settings_file: Path | None, engine: str | None, tier: str | None, server: str | None
) -> WorkSettings:
    """Settings from a TOML file, overridden by what was given on the command line."""
    work = WorkSettings.from_toml(settings_file) if settings_file else WorkSettings()
    settings = work.ingest
    if engine is not None:
        settings = replace(settings, engine=engine)
    if tier is not None:
        settings = replace(settings, parse=replace(settings.parse, tier=tier))
    if server is not None:
        settings = replace(settings, server=replace(settings.server, url=server))
    context = click.get_current_context(silent=True)
    given, nodes = (context.meta.get(OPTIONS, ()), context.meta.get(NODES, {})) if context else ((), {})
    options = {**settings.engine_options, **read_options(given, "--engine-option")}
    return replace(work, ingest=replace(settings, engine_options=options), nodes=replace(work.nodes, **nodes))
