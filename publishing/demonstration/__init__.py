"""The fictional demonstration district and synthetic registers of any size."""
