"""Events kept, and what follows from them: agreements, the journal, track records."""
