"""What a job pays for the action, compared with its peers: `make bench`."""
