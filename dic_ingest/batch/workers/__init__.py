"""Processes that work on a run's documents: started, fed, watched, replaced; here or on a cluster."""
