"""Files that hold a diagram as data (draw.io, Excalidraw, Visio, SVG, Mermaid, PlantUML, DOT, BPMN) ->
`Diagram`.

Nothing here looks at pixels or at a network; what a file links to is never fetched.
"""
