"""Documents that nobody wrote to be read."""
