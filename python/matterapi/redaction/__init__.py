"""What must never be shown, and how text is made fit to be shown."""
