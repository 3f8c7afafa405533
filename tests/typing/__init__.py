"""Programs of users, checked by mypy and pyright: what a call gives has the type that it should have."""
