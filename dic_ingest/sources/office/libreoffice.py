"""An office file to PDF by LibreOffice, where it is installed: no network, no macros, no profile left behind.

In: a file, a folder to work in. Out: the PDF, or the reason why there is none.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from functools import cache
from pathlib import Path

MACHINE_PLACES = ("/usr/bin/soffice", "/Applications/LibreOffice.app/Contents/MacOS/soffice")
HIDDEN_SLIDES = 'pdf:impress_pdf_Export:{"ExportHiddenSlides":{"type":"boolean","value":"true"}}'
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
{items}</oor:items>
"""
ITEM = (
    '<item oor:path="/org.openoffice.Office.Common/{path}">'
    '<prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>\n'
)
GUARDS = (
    ("Security/Scripting", "DisableMacrosExecution", "true"),
    ("Security/Scripting", "MacroSecurityLevel", "3"),
    ("Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Security/Scripting", "DisableActiveContent", "true"),
    ("Save/Document", "WarnAlienFormat", "false"),
)


@cache
def find_libreoffice() -> str:
    """The program's path; "" where LibreOffice is not installed."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return found or next((p for p in MACHINE_PLACES if Path(p).is_file()), "")


def to_pdf(source: Path, folder: Path, timeout: float) -> tuple[Path | None, str]:
    """The PDF of `source` in `folder`, and "" or what went wrong."""
    program = find_libreoffice()
    if not program:
        return None, "LibreOffice is not installed"
    profile = folder / "profile" / "user"
    profile.mkdir(parents=True, exist_ok=True)
    items = "".join(ITEM.format(path=p, name=n, value=v) for p, n, v in GUARDS)
    (profile / "registrymodifications.xcu").write_text(PROFILE.format(items=items), encoding="utf-8")
    slides = source.suffix.lower() in (".pptx", ".pptm", ".ppt", ".odp")
    command = [
        *_cut_off(),
        program,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        *("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard"),
        *("--convert-to", HIDDEN_SLIDES if slides else "pdf", "--outdir", str(folder / "pdf"), str(source)),
    ]
    problem = _run(command, folder, timeout)
    made = folder / "pdf" / f"{source.stem}.pdf"
    if made.is_file() and made.stat().st_size:
        return made, ""
    return None, problem or "LibreOffice could not read it"


def _run(command: list[str], folder: Path, timeout: float) -> str:
    nowhere = "http://127.0.0.1:9"
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "http_proxy": nowhere,
        "https_proxy": nowhere,
        "SAL_USE_VCLPLUGIN": "svp",
    }
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        return f"LibreOffice could not be started ({error.strerror})"
    try:
        process.wait(timeout)
        return ""
    except subprocess.TimeoutExpired:
        return f"LibreOffice took more than {timeout:.0f} seconds"
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """The launcher's children outlive it unless the whole group is ended."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@cache
def _cut_off() -> tuple[str, ...]:
    """A prefix that runs a command without network, where the system lets us."""
    unshare = shutil.which("unshare")
    if not unshare:
        return ()
    try:
        tried = subprocess.run([unshare, "-rn", "true"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return (unshare, "-rn") if tried.returncode == 0 else ()
