"""The description of the API (OpenAPI), with what the framework cannot know: keys, and how errors are sent."""

from typing import Any

from api.problems import MEDIA_TYPE

_OPEN = {"/health", "/metrics"}
"""Addresses that take no key."""

_PROBLEM = {"$ref": "#/components/schemas/ProblemShape"}


def described(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema as the framework made it, made true."""
    schema.setdefault("components", {})["securitySchemes"] = {
        "key": {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key; its role says what it is good for",
        }
    }
    for path, methods in schema["paths"].items():
        for operation in methods.values():
            if path not in _OPEN:
                operation["security"] = [{"key": []}]
            for response in operation["responses"].values():
                content = response.get("content", {})
                if content.get("application/json", {}).get("schema") == _PROBLEM:
                    content[MEDIA_TYPE] = content.pop("application/json")
    return schema
