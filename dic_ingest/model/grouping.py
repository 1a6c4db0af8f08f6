"""Things joined pair by pair into groups: lines of a net, lines of a text block, boxes that touch."""

from __future__ import annotations

from networkx.utils import UnionFind


class DisjointSets:
    """Groups of the numbers 0..count-1; each number is a group of its own until it is joined."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._sets = UnionFind(range(count))

    def join(self, a: int, b: int) -> None:
        """Make one group of those that hold `a` and `b`."""
        self._sets.union(a, b)

    def groups(self) -> list[list[int]]:
        """Every group, members ascending, in the order of their first members."""
        members: dict[int, list[int]] = {}
        for i in range(self.count):
            members.setdefault(self._sets[i], []).append(i)
        return list(members.values())
