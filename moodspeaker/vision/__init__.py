"""The vision process: it owns the camera and both models, and has no network."""
