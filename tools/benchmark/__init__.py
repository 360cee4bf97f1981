"""What the action costs a job, compared with its peers: `make bench`."""
