"""The shipped JSON Schemas, written from the declarations: `python -m tests.grading.schema_files`."""

import json
from collections.abc import Mapping

from grading.schema import checklist_schema, holdings_schema, rulebook_schema
from tests.grading.shipped import SEEDS

FOLDER = SEEDS / "schemas"


def schema_texts() -> Mapping[str, str]:
    """Each schema file's name and text."""
    schemas = {"rulebook": rulebook_schema(), "checklist": checklist_schema(), "holdings": holdings_schema()}
    return {
        f"{name}.schema.json": json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
        for name, schema in schemas.items()
    }


def main() -> None:
    """Write the files."""
    for name, text in schema_texts().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
