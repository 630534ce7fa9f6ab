"""Other people's tests against this Hub: huggingface_hub's own suite, and the npm client. Opt-in; see ../README.md."""
