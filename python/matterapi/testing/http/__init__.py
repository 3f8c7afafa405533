"""HTTP below everything else: the port and its connections, forms, ranges, JSON, responses and errors."""
