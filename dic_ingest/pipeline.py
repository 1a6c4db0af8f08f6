"""One file in, one `Document` out: parse, recover figures, route, describe. The only place that joins the stages.

Each stage is a plain function; here they are put in order and given the pixels they ask for.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from PIL import Image

from dic_ingest.captioning.engines import make_captioner
from dic_ingest.captioning.request import Captioner, FigureRequest
from dic_ingest.diagram import Kind
from dic_ingest.document import Description, Document, Figure, Page
from dic_ingest.drawing import Box, Drawing
from dic_ingest.errors import SettingsError
from dic_ingest.figures.crops import CropSettings, cut_crops
from dic_ingest.figures.duplicates import mark_duplicates
from dic_ingest.figures.recovery import RecoverySettings, recover_figures
from dic_ingest.figures.references import link_references
from dic_ingest.figures.routing import RoutingSettings, route_figures
from dic_ingest.parsing.image import SUFFIXES as PICTURES
from dic_ingest.parsing.image import PictureFile, PictureLimits
from dic_ingest.parsing.local import LocalSettings, parse_local
from dic_ingest.parsing.pdf import PdfFile, PdfLimits
from dic_ingest.parsing.server import ServerSettings, parse_remote


