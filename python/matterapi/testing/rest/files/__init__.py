"""Files and upload sessions."""
