"""An example of a plugin for tokeval."""
