"""GitHub's side of a step: the runner, ID tokens, the temp folder, and the process that the runner starts."""
