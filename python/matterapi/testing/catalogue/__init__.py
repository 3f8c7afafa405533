"""What the API is: its operations, events and types, as generated from the specification."""
