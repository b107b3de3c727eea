"""Renderers: pure functions of a result document, for terminals, files and browsers."""
