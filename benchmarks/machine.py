"""What a measured number has to be read with: processor, cores, Python, versions, date."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any


def machine() -> dict[str, Any]:
    """Processor, cores that may be used, load of the last minute, Python and package versions, date (UTC)."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    usable = getattr(os, "sched_getaffinity", None)
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cpu": names[0] if names else platform.processor() or platform.machine(),
        "cores": len(usable(0)) if usable else os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),  # above the cores, times say little
        "python": platform.python_version(),
        "dic_ingest": version_of("dic-ingest"),
        "mineru": version_of("mineru"),
    }


def version_of(package: str) -> str:
    """The installed version, "" where the package is not installed (a checkout that is only run)."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
