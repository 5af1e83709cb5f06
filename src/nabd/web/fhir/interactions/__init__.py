"""The interactions of the API, one module each; ``ALL`` is what the server answers."""
