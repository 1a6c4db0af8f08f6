"""The only opener of picture files: raster formats alone, and never more pixels than a limit.

In: a path, bytes or an open file. Out: a PIL picture, not decoded yet. Formats whose decoders start other
programs (EPS) or that are no pictures are refused, whatever a file's name says.
"""

from __future__ import annotations

import io
import os
import warnings
from pathlib import Path
from typing import IO

from PIL import Image, UnidentifiedImageError

from dic_ingest.errors import BrokenFileError, LimitError, MissingFileError, UnsupportedFileError
from dic_ingest.owned_files import file_inside, open_regular

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF")  # decoders that run on untrusted bytes
MAX_PIXELS = 178_000_000  # where Pillow itself refuses
CROP_PIXELS = 64_000_000  # of a figure cut out of a page


def open_picture(
    source: Path | str | bytes | IO[bytes], max_pixels: int = MAX_PIXELS, name: str = ""
) -> Image.Image:
    """An open picture; close it, or use it as a context. `name` is what messages call it.

    Raises:
        MissingFileError: there is no such file.
        UnsupportedFileError: not a picture of `FORMATS`, or no regular file.
        LimitError: more than `max_pixels` pixels (width times height).
        BrokenFileError: damaged, or it cannot be read.
    """
    name = name or (Path(source).name if isinstance(source, str | Path) else "the picture")
    try:
        picture = _opened(source)
        if picture.width * picture.height <= max_pixels:
            return picture
        size = f"{picture.width} x {picture.height}"
        picture.close()
    except UnidentifiedImageError as error:
        raise UnsupportedFileError(
            f"{name} is not a picture that is read here ({', '.join(FORMATS)}). Check or convert it."
        ) from error
    except Image.DecompressionBombError as error:
        raise LimitError(f"{name} has too many pixels. Scale it down.") from error
    except FileNotFoundError as error:
        raise MissingFileError(f"{source!s} does not exist. Check the path.") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise BrokenFileError(f"{name} is damaged: {error}. Fetch it again.") from error
    raise LimitError(f"{name} has {size} pixels, over the limit of {max_pixels}. Scale it down.")


def open_crop(folder: Path, name: str, max_pixels: int = CROP_PIXELS) -> Image.Image:
    """The picture that a document names in the folder of its results.

    Raises:
        MissingFileError: nothing is there, the name leads out of the folder, or it is a link.
        InputError: as `open_picture`.
    """
    path = file_inside(folder, name)
    if path is None:
        raise MissingFileError(f"{name or 'a crop'} is no file in {folder}. Ingest the document again.")
    return open_picture(path, max_pixels)


def _opened(source: Path | str | bytes | IO[bytes]) -> Image.Image:
    with warnings.catch_warnings():
        # sizes are checked against the limit, before a pixel is decoded
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        if isinstance(source, bytes):
            return Image.open(io.BytesIO(source), formats=FORMATS)
        if isinstance(source, str | Path):
            return _from_path(Path(source))
        return Image.open(source, formats=FORMATS)


def _from_path(path: Path) -> Image.Image:
    """Never waits for a pipe; links that a user made are followed."""
    file = os.fdopen(open_regular(path.resolve()), "rb")
    try:
        picture = Image.open(file, formats=FORMATS)
    except BaseException:
        file.close()
        raise
    picture._exclusive_fp = True  # closes the file with the picture, as for a path
    return picture
