"""GitHub's side: the runner, ID tokens, its temp folder, and the process."""
