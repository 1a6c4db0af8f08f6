"""Training of the weights by which a drawing's kind is told: sources, drawn as PDFs; traits; fit."""
