"""Every exception that dic_ingest raises on purpose, as one tree.

    DICIngestError
    ├── SettingsError            a setting or argument of a wrong type or value, an unknown TOML key
    ├── InputError               the file itself; a folder run records it and goes on
    │   ├── MissingFileError     no such file (also FileNotFoundError)
    │   ├── UnsupportedFileError not a format that is read here
    │   ├── BrokenFileError      damaged beyond reading
    │   ├── EncryptedFileError   a password is needed, or the one given is wrong
    │   ├── EmptyFileError       nothing inside: zero bytes, zero pages
    │   ├── ChangedFileError     written to while it was being read
    │   ├── UrlError             a URL that the caller named is not allowed or does not give a file
    │   └── LimitError           a limit of the settings was hit before anything could be kept
    ├── NotOursError             a place to be written holds what this package did not write (FileExistsError)
    ├── FormatError              JSON that this package did not write (also ValueError)
    ├── BundleError              saved MinerU output that does not follow any known contract
    ├── ParserError              MinerU failed on a readable file
    │   ├── ModelsMissingError   the tier that was asked for has no weights here
    │   └── ServerError          a mineru-api server refused, failed or spoke an unknown dialect
    ├── CaptionerError           the server of a captioning engine cannot be asked
    └── MissingExtraError        an optional dependency is absent (also ImportError)

A message is one or two sentences: what is wrong, then what to do next.
"""

from __future__ import annotations

# what taking apart JSON of another form than expected raises; its reader turns it into an error of its own
MALFORMED = (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError)


class DICIngestError(Exception):
    """Base of all errors raised by dic_ingest."""


class SettingsError(DICIngestError, ValueError):
    """A setting or an argument is unknown, of the wrong type or out of range."""


class InputError(DICIngestError):
    """A file cannot be read; other files are not affected."""


class FormatError(DICIngestError, ValueError):
    """JSON or another value that is not what this package wrote."""


class MissingFileError(InputError, FileNotFoundError):
    """The path does not name a file."""


class UnsupportedFileError(InputError):
    """The content is of a format that is not read here."""


class BrokenFileError(InputError):
    """The file is damaged beyond reading."""


class EncryptedFileError(InputError):
    """The file needs a password, or the password given is wrong."""


class EmptyFileError(InputError):
    """The file holds nothing: zero bytes or zero pages."""


class ChangedFileError(InputError):
    """The file was written to while it was being read, so what was read may be of two versions."""


class UrlError(InputError):
    """A URL that the caller named may not be read, or gives no file."""


class LimitError(InputError):
    """A limit was hit before anything could be kept."""


class NotOursError(DICIngestError, FileExistsError):
    """A place that was to be written or removed holds what this package did not write."""


class BundleError(DICIngestError):
    """Saved parser output that follows no known contract."""


class ParserError(DICIngestError):
    """The layout parser failed on a readable file."""


class ModelsMissingError(ParserError):
    """The tier that was asked for has no weights on this machine."""


class ServerError(ParserError):
    """A MinerU server refused, failed or answered in an unknown dialect."""


class CaptionerError(DICIngestError):
    """The server of a captioning engine cannot be asked."""


class MissingExtraError(DICIngestError, ImportError):
    """An optional dependency is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed. Install it, in the clone: pip install '.[{extra}]'")
