"""Decisions learnt from many people's drawings: tables of trees, their features and weights.

Each decision has its features by name, its weights (`*.npz`) and a data card (`*.json`): how it was trained
and what it reached on owners that it was not trained on. Training scripts: `research/graph_decisions`.
"""
