"""How the commands of the house are called on this machine, so that a message can be typed as it stands."""

import os

CLI = os.environ.get("HHB_COMMAND", "flask --app app")  # noqa: TID251  # messages about the configuration say it
"""What stands before a command's own name; an installed server has a short word for it."""
