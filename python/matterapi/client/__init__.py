"""The clients, their options and their exceptions."""
