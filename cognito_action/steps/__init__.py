"""What the executables do: one module for each, to be read from top to bottom."""
