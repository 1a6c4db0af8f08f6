"""From a scene to a sequence diagram: lifelines, messages in order, frames."""
