"""The pages of the site that are made from code, and the manual page."""
