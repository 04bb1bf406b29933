"""A bureau's own server: what docs/deploy.md installs, and the programs that it uses for it."""
