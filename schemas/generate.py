"""Writes the JSON Schemas of what crosses a border into `schemas/json/`: `python -m schemas.generate`.

The models are the only definition; a test holds these files to them.
"""

import json
from pathlib import Path
from typing import cast

from pydantic import JsonValue
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import NullableSchema

from schemas.records import RECORD
from schemas.rulebook import Rulebook

FOLDER = Path(__file__).parent / "json"

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _ForEditors(GenerateJsonSchema):
    """What may be left out is not null, and a field is called by its name: an editor shows what it is for."""

    def nullable_schema(self, schema: NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: object) -> bool:
        _ = schema
        return False


def documents() -> dict[str, JsonSchemaValue]:
    """The JSON Schemas by the name of their file, without its ending."""
    return {
        "rulebook": {"$schema": _DIALECT, **_rulebook()},
        "record": {"$schema": _DIALECT, **RECORD.json_schema()},
    }


def _rulebook() -> JsonSchemaValue:
    made = Rulebook.model_json_schema(by_alias=True, mode="validation", schema_generator=_ForEditors)
    made["properties"]["$schema"] = {"type": "string", "description": "Where editors find this schema."}
    return cast("JsonSchemaValue", _without_null(made))


def _without_null(made: JsonValue) -> JsonValue:
    """Leaves out that a field is nothing where nothing is said."""
    if isinstance(made, dict):
        return {name: _without_null(value) for name, value in made.items() if name != "default" or value is not None}
    return [_without_null(value) for value in made] if isinstance(made, list) else made


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
