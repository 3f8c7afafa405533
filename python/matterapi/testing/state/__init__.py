"""What the server remembers: one small store per kind of thing, gathered in `World`."""
