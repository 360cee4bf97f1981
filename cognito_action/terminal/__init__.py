"""The command's side of a user's life: the terminal, the journal, ID tokens of other CI, the place, and the process."""
