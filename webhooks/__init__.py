"""The web layer: thin Flask that reads, calls casework and answers."""
