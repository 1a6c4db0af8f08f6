"""The group `dic-ingest train`: help without any of its commands, light, and only what exists."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import dic_ingest.cli
from dic_ingest.cli.training import COMMANDS


def test_help_lists_exactly_the_commands_that_exist_and_loads_nothing_heavy() -> None:
    listing = (
        "import sys, json\nfrom dic_ingest.cli import group\n"
        "group.main(['train', '--help'], standalone_mode=False)\n"
        "print('\\n' + json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    *lines, loaded = done.stdout.splitlines()
    place = Path(dic_ingest.cli.__file__).parent / "training"
    files = {f.stem for f in place.glob("[!_]*.py")}
    assert files <= set(COMMANDS)
    told = {line.split()[0] for line in lines if line.startswith("  ") and line.split()[0] in COMMANDS}
    assert told == files
    assert not {"torch", "transformers", "trl"} & set(json.loads(loaded))


def test_an_unknown_command_is_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dic_ingest", "train", "nonsense"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "nonsense" in done.stderr and "Traceback" not in done.stderr
