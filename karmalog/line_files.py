"""Files of events, a line each: plain, .gz, .zst, or standard input; one that was cut off is never taken for whole."""

import gzip
import sys
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from karmalog.desk import RefusedCommandError
from streams.importing import Line

_READ_BYTES = 1 << 20


def lines_of(files: Iterable[Path]) -> Iterator[Line]:
    """Every line with its place.

    Raises:
        RefusedCommandError: a file cannot be read to its end; the lines before were given.
    """
    for file in files:
        name = "standard input" if str(file) == "-" else str(file)
        try:
            for number, line in enumerate(_lines(file), 1):
                yield Line(f"{name}:{number}", line.rstrip(b"\r\n"))
        except (OSError, EOFError, ValueError, zlib.error) as error:
            raise RefusedCommandError(
                f"{name} cannot be read to its end: {error}. Import it again when it is whole: what is in by now "
                "is not taken twice"
            ) from error


def _lines(file: Path) -> Iterator[bytes]:
    if str(file) == "-":
        yield from sys.stdin.buffer
    elif file.suffix == ".zst":
        yield from _unpacked(file)
    elif file.suffix == ".gz":
        with gzip.open(file, "rb") as lines:
            yield from lines
    else:
        with file.open("rb") as plain:
            yield from plain


def _unpacked(file: Path) -> Iterator[bytes]:
    """The lines of a .zst file; the library's own reader takes a file that ends in the middle for a whole one."""
    import zstandard

    library = zstandard.ZstdDecompressor()
    frame, begun = library.decompressobj(), False
    rest = b""
    with file.open("rb") as packed:
        try:
            while chunk := packed.read(_READ_BYTES):
                while chunk:
                    if begun and frame.eof:
                        frame = library.decompressobj()
                    begun = True
                    rest += frame.decompress(chunk)
                    chunk = frame.unused_data if frame.eof else b""
                *whole, rest = rest.split(b"\n")
                yield from whole
        except zstandard.ZstdError as error:
            raise ValueError(f"it is no whole .zst file ({error})") from error
    if begun and not frame.eof:
        raise EOFError("it ends in the middle: it was cut off")
    if rest:
        yield rest
