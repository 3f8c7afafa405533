"""Makes `spec/` from the description files of the server and the surface of matterapi 0.5.0. Run once."""
