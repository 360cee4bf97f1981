"""What the executables do: one module for each, a story from top to bottom."""
