"""The page at / and what it is made of: files beside this one, and the custom elements of widget/."""

from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

from api.wrapping import POLICY_HEADER

_HERE: Final = Path(__file__).parent
PAGE: Final = _HERE / "page"

POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'self'"
)
"""What a page may load and run: files of this server alone."""

_HEADERS: Final = {POLICY_HEADER: POLICY, "Cache-Control": "no-cache"}


def widget_folder() -> Path:
    """Where the elements are: in the wheel inside this package, in the repository beside it."""
    packed = _HERE / "widget"
    return packed if packed.is_dir() else _HERE.parent / "widget"


class _Files(StaticFiles):
    """Files that browsers ask about again each time, so that a new version is seen at once."""

    def file_response(self, *args: object, **more: object) -> Response:
        """See `StaticFiles.file_response`."""
        response = super().file_response(*args, **more)  # type: ignore[arg-type]
        response.headers.update(_HEADERS)
        return response


def add_pages(app: FastAPI) -> None:
    """Adds the page and its files to an application."""

    async def index(_: Request) -> Response:
        return FileResponse(PAGE / "index.html", headers=_HEADERS)

    app.add_api_route("/", index, methods=["GET", "HEAD"], include_in_schema=False)
    app.mount("/page", _Files(directory=PAGE))
    app.mount("/widget", _Files(directory=widget_folder()))
