"""The gallery that captions search: texts and pictures of figures as vectors, in an embedded LanceDB table.

In: vectors of texts and of pictures, row by row of the same figures. Out: for a caption's vector the picture
vectors of the K nearest texts, best first (the A(c) of CIM, arXiv 2603.01696, section 3.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from dic_ingest.errors import InputError, MissingExtraError, SettingsError

TABLE = "gallery"
Rows: TypeAlias = npt.NDArray[np.float32]


class ImageGallery:
    """A table on disk; small ones are searched exactly, so the same query finds the same figures."""

    def __init__(self, table: Any) -> None:
        self._table = table

    @classmethod
    def build(cls, folder: Path, ids: Sequence[str], texts: Rows, pictures: Rows) -> ImageGallery:
        """Writes a gallery into `folder`; one that is there is replaced.

        Raises:
            InputError: no figure, or rows that do not belong together. MissingExtraError: LanceDB is absent.
        """
        try:
            import lancedb
        except ImportError as error:
            raise MissingExtraError("lancedb", "stores") from error
        if not len(ids) or not len(ids) == len(texts) == len(pictures):
            raise InputError(
                f"a gallery needs figures, each with text and picture: {len(ids)} ids, {len(texts)} texts, "
                f"{len(pictures)} pictures."
            )
        rows = [
            {"id": own, "vector": text.tolist(), "picture": picture.tolist()}
            for own, text, picture in zip(ids, _unit(texts), _unit(pictures), strict=True)
        ]
        return cls(lancedb.connect(str(folder)).create_table(TABLE, rows, mode="overwrite"))

    @classmethod
    def open(cls, folder: Path) -> ImageGallery:
        """One that was built before. Raises InputError where there is none."""
        try:
            import lancedb
        except ImportError as error:
            raise MissingExtraError("lancedb", "stores") from error
        try:
            return cls(lancedb.connect(str(folder)).open_table(TABLE))
        except (ValueError, FileNotFoundError, OSError) as error:
            raise InputError(f"{folder} holds no gallery: build one first.") from error

    def __len__(self) -> int:
        return int(self._table.count_rows())

    def nearest(self, query: npt.ArrayLike, k: int) -> tuple[list[str], Rows]:
        """Ids and picture vectors, shape (K, d), of the K texts with the highest cosine.

        Raises:
            SettingsError: k below 1.
        """
        if k < 1:
            raise SettingsError(f"k must be 1 or more, got {k}.")
        vector = np.asarray(query, np.float32)
        found = self._table.search(vector).distance_type("cosine").limit(k).to_list()
        found.sort(key=lambda row: (row["_distance"], row["id"]))  # equal ones in a fixed order
        return [row["id"] for row in found], np.asarray([row["picture"] for row in found], np.float32)


def _unit(rows: Rows) -> Rows:
    lengths = np.linalg.norm(np.asarray(rows, np.float32), axis=1, keepdims=True)
    unit: Rows = (rows / np.maximum(lengths, 1e-12)).astype(np.float32)
    return unit
