"""The operations of the server, grouped by resource."""
