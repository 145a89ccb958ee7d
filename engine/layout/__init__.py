"""Layout: a diagram's shapes, lanes, lines and labels are placed so that it can be read without a key.

Left to right in columns, one band a role, subprocesses expanded, boundary events on their edge, lines at right angles.
The same diagram always gives the same picture.
"""

from engine.layout.drawing import DiagramUnreadable
from engine.layout.geometry import Box, Point
from engine.layout.judge import Fault, judge
from engine.layout.picture import Picture
from engine.layout.tidying import arrange, tidy

__all__ = ["Box", "DiagramUnreadable", "Fault", "Picture", "Point", "arrange", "judge", "tidy"]
