"""Least-cost pairing of two sets, in which either side may stay unpaired (Kuhn 1955, shortest augmenting
paths).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

IMPOSSIBLE = 1e6  # cost of a pair that cannot be


def least_cost_pairs(costs: npt.NDArray[np.float64], unpaired: float) -> list[tuple[int, int]]:
    """Pairs (row, column) of least total cost, where leaving a row unpaired costs `unpaired`.

    `costs` has shape (rows, columns); infinite where a pair is impossible.
    """
    rows, columns = costs.shape
    if rows == 0 or columns == 0:
        return []
    # one column of its own for each row to stay unpaired in
    alone = np.full((rows, rows), IMPOSSIBLE)
    np.fill_diagonal(alone, unpaired)
    table = np.hstack([np.where(np.isfinite(costs), costs, IMPOSSIBLE), alone])
    match = _row_of_columns(table)
    return [
        (int(match[j]) - 1, j - 1)
        for j in range(1, columns + 1)
        if match[j] > 0 and table[match[j] - 1, j - 1] < IMPOSSIBLE
    ]


def _row_of_columns(table: npt.NDArray[np.float64]) -> npt.NDArray[np.int_]:
    """The row (from 1; 0 for none) that each column (from 1) is given in the assignment of least cost."""
    rows, width = table.shape
    u, v = np.zeros(rows + 1), np.zeros(width + 1)
    match = np.zeros(width + 1, dtype=int)  # row (from 1) of each column (from 1)
    for row in range(1, rows + 1):
        match[0] = row
        j0 = 0
        least = np.full(width + 1, np.inf)
        way = np.zeros(width + 1, dtype=int)
        used = np.zeros(width + 1, dtype=bool)
        while True:
            used[j0] = True
            i0 = match[j0]
            reduced = table[i0 - 1] - u[i0] - v[1:]
            better = ~used[1:] & (reduced < least[1:])
            least[1:][better] = reduced[better]
            way[1:][better] = j0
            open_ = np.where(used, np.inf, least)
            open_[0] = np.inf
            j1 = int(np.argmin(open_))
            delta = open_[j1]
            u[match[used]] += delta
            v[used] -= delta
            least[~used] -= delta
            j0 = j1
            if match[j0] == 0:
                break
        while j0:
            match[j0] = match[way[j0]]
            j0 = int(way[j0])
    return match
