"""What HTTP gave back: responses, header fields, file names."""
