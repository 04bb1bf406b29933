"""Says whether a backup is whole, before anything is moved for it; the database may be the broken part.

`python -m deploy.check_backup /var/backups/honghei/backup-…`
"""

import sys
from pathlib import Path

from inspections.record.backup import check_backup
from inspections.record.errors import HouseError


def main(arguments: list[str]) -> int:
    """1 and a line for each fault, or 0."""
    try:
        _, faults = check_backup(Path(arguments[0]))
    except HouseError as error:
        faults = [str(error)]
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
