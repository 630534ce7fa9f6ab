"""A Hub on loopback that signs people in (OpenID Connect) and says whose a token is (`whoami-v2`)."""

from __future__ import annotations

import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey


class FakeHub:
    """Whoever comes to sign in is `user`; tokens are `hf_<user>`."""

    def __init__(self) -> None:
        self.user = "ada"
        self.scopes: list[str] = []
        self.refused: set[str] = set()
        """Scopes that the person does not allow."""
        self._key = RSAKey.generate_key(2048, {"kid": "test"})
        self._codes: dict[str, tuple[str, str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://localhost:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser goes on to: back to the app, with a code for the user of the moment."""
        code = secrets.token_hex(8)
        self.scopes = [scope for scope in query["scope"].split() if scope not in self.refused]
        self._codes[code] = (self.user, query["client_id"], query.get("nonce", ""))
        back = query["redirect_uri"]
        return f"{back}{'&' if '?' in back else '?'}{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str]) -> dict[str, object]:
        user, client, nonce = self._codes.pop(form["code"])
        now = int(time.time())
        claims = {
            "iss": self.url, "sub": user, "aud": client, "iat": now, "exp": now + 3600, "nonce": nonce, "name": user,
            "preferred_username": user, "profile": f"{self.url}/{user}", "picture": f"{self.url}/{user}.png",
        }  # fmt: skip
        signed = jwt.encode({"alg": "RS256", "kid": "test"}, claims, self._key)
        return {
            "access_token": f"hf_{user}", "token_type": "bearer", "expires_in": 3600, "id_token": signed,
            "scope": " ".join(self.scopes),
        }  # fmt: skip

    def discovery(self) -> dict[str, object]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/oauth/authorize",
            "token_endpoint": f"{self.url}/oauth/token",
            "jwks_uri": f"{self.url}/oauth/jwks",
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def _handler(hub) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                place = urlsplit(self.path)
                if place.path == "/.well-known/openid-configuration":
                    self.answer(hub.discovery())
                elif place.path == "/oauth/jwks":
                    self.answer({"keys": [hub._key.as_dict(private=False)]})
                elif place.path == "/oauth/authorize":
                    query = {name: values[0] for name, values in parse_qs(place.query).items()}
                    self.send_response(302)
                    self.send_header("location", hub.authorize(query))
                    self.end_headers()
                elif place.path == "/api/whoami-v2":
                    token = self.headers.get("authorization", "").partition(" hf_")[2]
                    self.answer({"name": token} if token else {"error": "unknown"}, 200 if token else 401)
                else:
                    self.answer({}, 404)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
                self.answer(hub.token({name: values[0] for name, values in parse_qs(body).items()}))

            def answer(self, value: object, status: int = 200) -> None:
                data = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        return Handler
