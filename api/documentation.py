"""The description of the API (OpenAPI), with what the framework cannot know: keys, and how errors are sent."""

from typing import Any

from api.problems import MEDIA_TYPE

_OPEN = {"/health", "/metrics"}
"""Addresses that take no key."""


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
            problem = operation["responses"].get("default", {}).get("content", {})
            if "application/json" in problem:
                problem[MEDIA_TYPE] = problem.pop("application/json")
    return schema
