"""The escape suite: small pieces of code that must fail in a sandbox (or must work), each with an honest canary."""
