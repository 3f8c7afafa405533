"""The options of a client, from what users write to what the core takes."""
