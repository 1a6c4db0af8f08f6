"""Files of drawing programs: draw.io, Excalidraw, Visio, BPMN; shapes and lines on a canvas."""
