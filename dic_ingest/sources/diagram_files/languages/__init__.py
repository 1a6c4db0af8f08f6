"""Diagrams written as text: Mermaid, PlantUML, DOT, C4."""
