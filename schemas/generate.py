"""Writes the JSON Schemas of what crosses a border into `schemas/json/`: `python -m schemas.generate`.

The models are the only definition; a test holds these files to them.
"""

import json
from pathlib import Path

from pydantic.json_schema import JsonSchemaValue

from schemas.records import RECORD
from schemas.rulebook import Rulebook

FOLDER = Path(__file__).parent / "json"

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def documents() -> dict[str, JsonSchemaValue]:
    """The JSON Schemas by the name of their file, without its ending."""
    return {
        "rulebook": {"$schema": _DIALECT, **Rulebook.model_json_schema(by_alias=True, mode="validation")},
        "record": {"$schema": _DIALECT, **RECORD.json_schema()},
    }


def written(document: JsonSchemaValue) -> str:
    """The text of a file: sorted, so that a change of the code is all that changes it."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> None:
    """Writes every file anew."""
    FOLDER.mkdir(exist_ok=True)
    for name, document in documents().items():
        (FOLDER / f"{name}.json").write_text(written(document), encoding="utf-8")


if __name__ == "__main__":
    main()
