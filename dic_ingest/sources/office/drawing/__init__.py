"""Drawings and charts of Office files as data: shapes, connectors, SmartArt, numbers."""
