"""The server itself: settings, roles, jobs, figures."""
