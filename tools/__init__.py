"""Tools that are not in the image: the emulator, the benchmark, and what the workflows run."""
