"""Errors in the Hub's own shape: a JSON body, and headers from which clients pick the exception they raise."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response


class HubError(Exception):
    """An answer other than success. `code` becomes X-Error-Code, the message X-Error-Message and `error`."""

    def __init__(
        self, status: int, message: str, code: str | None = None, headers: dict[str, str] | None = None, **body: object
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.headers = headers or {}
        self.body = body

    def response(self) -> Response:
        headers = {"X-Error-Message": _header(self.message)} | self.headers
        if self.code:
            headers["X-Error-Code"] = self.code
        return JSONResponse({"error": self.message, **self.body}, status_code=self.status, headers=headers)


def _header(text: str) -> str:
    """A header holds one line of latin-1."""
    return " ".join(text.split()).encode("latin-1", "replace").decode("latin-1")


def bad_request(message: str) -> HubError:
    return HubError(400, message)


def forbidden(message: str) -> HubError:
    return HubError(403, message)


def invalid_token() -> HubError:
    return HubError(401, "Invalid credentials in Authorization header")


def login_needed() -> HubError:
    return HubError(401, "Invalid username or password.")


def repo_not_found(anonymous: bool) -> HubError:
    """Also the answer for a private repository of someone else: its existence is not told."""
    if anonymous:
        return HubError(401, "Invalid username or password.", "RepoNotFound")
    return HubError(404, "Repository not found", "RepoNotFound")


def revision_not_found(revision: str) -> HubError:
    return HubError(404, f"Invalid rev id: {revision}", "RevisionNotFound")


def entry_not_found(path: str, commit: str | None = None) -> HubError:
    headers = {"X-Repo-Commit": commit} if commit else {}
    return HubError(404, f'Entry not found: "{path}"' if not commit else "Entry not found", "EntryNotFound", headers)


def page_not_found() -> HubError:
    return HubError(404, "Sorry, we can't find the page you are looking for.")
