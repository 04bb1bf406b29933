"""Says whether a backup is whole and of a form that this program knows, before anything is moved for it.

Looks at the backup alone: the database of the server may be the broken part.

`python -m deploy.check_backup [--without-inbox] /var/backups/honghei/backup-…`
"""

import sys
from pathlib import Path

from inspections.record.backup import check_backup
from inspections.record.errors import HouseError
from publishing.keeping import newer_schemas


def main(arguments: list[str]) -> int:
    """1 and a line for each fault, or 0."""
    folder, without_inbox = Path(arguments[-1]), "--without-inbox" in arguments
    try:
        manifest, faults = check_backup(folder)
        # What is not whole may not even be read.
        faults = faults or newer_schemas(folder, manifest, without_inbox=without_inbox)
    except HouseError as error:
        faults = [str(error)]
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
