"""Whether a deal is credible: where it invites defection, and what would cure it.

Pure code over a document and its estimates. Floats are for analysis alone: what a deal pays comes from the settlement
model of the terms, in whole units.
"""
