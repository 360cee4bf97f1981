"""What the Dockerfile runs while it builds the image: it gathers what the action needs, and leaves out the rest."""
