"""Yearly plan, campaigns, pools, draws and their certificates, assignments, nominations."""
