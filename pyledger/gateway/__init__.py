"""A gate before any HTTP service: who holds an entitlement passes, as long as the agreement says so."""
