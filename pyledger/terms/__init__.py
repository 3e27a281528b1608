"""What is signed and hashed: terms compiled from document and bindings, and the rules of settlement in plain Python."""
