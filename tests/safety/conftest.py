"""The fixtures of these tests."""

from safety_tools import dic as dic
from safety_tools import made as made
from safety_tools import out as out
from safety_tools import run as run
