"""The staff's side of the Inbox: puts copies in, pulls entries out, each exactly once."""
