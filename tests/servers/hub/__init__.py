"""A Hub on loopback for tests: it speaks the real protocol to real, unpatched clients. See README.md here."""
