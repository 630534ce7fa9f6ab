"""Face 1: the Gradio app. Importing this package prepares the process for Gradio, so it must come before `gradio`."""

from intern.ui.gradio_start import prepare

prepare()
