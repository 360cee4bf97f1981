"""What a job pays for the action, beside what it would pay for the peers: `make bench`."""
