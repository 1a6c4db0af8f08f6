"""What documents, drawings, diagrams and descriptions are, as frozen dataclasses."""
