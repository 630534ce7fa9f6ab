"""Artifacts leave by signed links only."""

import io
import time
import urllib.error
import urllib.request
import zipfile

import httpx
import pytest

from intern.runs import events as e
from intern.ui.files import FileLinks
from intern.ui.quotes import page_name
from tests.ui.seeding import PNG, XSS, Seeder


@pytest.fixture(scope="module")
def run_id(served):
    seeder = Seeder(served.service, "files")
    seeder.artifact("bundle/a b&c.txt", b"hello")
    seeder.artifact("picture.png", PNG)
    seeder.artifact("page.html", XSS.encode())
    seeder.end("done")
    return seeder.id


def get(served, path: str):
    return urllib.request.urlopen(f"{served.url}/{path}", timeout=90)


def test_a_signed_link_gives_the_file_as_a_download(served, run_id):
    answer = get(served, FileLinks().artifact(run_id, "bundle/a b&c.txt"))
    assert answer.read() == b"hello"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_only_pictures_are_shown_in_the_page(served, run_id):
    assert (
        get(served, FileLinks().artifact(run_id, "picture.png", inline=True)).headers["content-disposition"] == "inline"
    )
    page = get(served, FileLinks().artifact(run_id, "page.html", inline=True))
    assert page.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in page.headers["content-security-policy"]


def test_the_zip_has_all_files(served, run_id):
    data = get(served, FileLinks().all(run_id)).read()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == {"bundle/a b&c.txt", "picture.png", "page.html"}
        assert archive.read("bundle/a b&c.txt") == b"hello"


def test_the_whole_log_as_text(served):
    seeder = Seeder(served.service, "log")
    for n in range(3000):
        seeder.emit(e.LogLine(job_id="j", text=f"line {n}"))
    answer = get(served, FileLinks().log(seeder.id))
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.read().decode().splitlines()[::2999] == ["j\tline 0", "j\tline 2999"]


def test_a_page_of_the_paper_is_shown_for_what_the_run_states_and_nothing_else(served):
    import hashlib

    import pymupdf

    folder = served.service.settings.home / "papers"
    folder.mkdir(exist_ok=True)
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), "We use a batch size of 48.")
        document.save(folder / "own.pdf")
    path, quote = folder / "own.pdf", "batch size of 48"
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    seeder = Seeder(served.service, "pages")
    source = {"kind": "pdf", "reference": str(path), "sha256": sha256}
    seeder.emit(e.Fact(name="paper", value={"title": "T", "source": source}))
    stated = {"name": "batch_size", "value": 48, "scope": "main", "page": 1, "quote": quote}
    seeder.emit(e.Fact(name="setup", value={"hyperparameters": [stated]}))
    links = FileLinks()
    answer = get(served, links.page(seeder.id, page_name(sha256, 1, quote)))
    assert answer.headers["content-type"] == "image/png" and answer.read().startswith(b"\x89PNG")
    for page, words in ((2, quote), (1, "other words")):
        with pytest.raises(urllib.error.HTTPError) as error:
            get(served, links.page(seeder.id, page_name(sha256, page, words)))
        assert error.value.code == 404
    path.write_bytes(path.read_bytes() + b"\n% changed")
    for picture in (served.service.settings.cache / "pages").iterdir():
        picture.unlink()
    with pytest.raises(urllib.error.HTTPError) as error:
        get(served, links.page(seeder.id, page_name(sha256, 1, quote)))
    assert error.value.code == 404


def test_a_published_folder_can_be_downloaded_and_no_other(served):
    seeder = Seeder(served.service, "published")
    folder = served.service.settings.published / "local" / "model"
    folder.mkdir(parents=True)
    (folder / "README.md").write_text("card")
    (folder / "link").symlink_to(served.service.log.path)
    links = FileLinks()
    for location in ("/etc", str(served.service.settings.published), str(folder / ".." / ".." / "..")):
        seeder.emit(e.Fact(name="published", value={"kind": "folder", "location": location, "url": None}))
        with pytest.raises(urllib.error.HTTPError) as error:
            get(served, links.published(seeder.id))
        assert error.value.code == 404
    seeder.emit(e.Fact(name="published", value={"kind": "folder", "location": str(folder), "url": None}))
    with zipfile.ZipFile(io.BytesIO(get(served, links.published(seeder.id)).read())) as archive:
        assert archive.namelist() == ["model/README.md"]


@pytest.mark.parametrize("change", ["name", "run", "what", "signature", "expired", "none"])
def test_a_link_holds_for_its_file_and_time_only(served, run_id, change, monkeypatch):
    links = FileLinks()
    if change == "expired":
        monkeypatch.setattr(FileLinks, "_expiry", staticmethod(lambda: str(int(time.time()) - 5)))
    link = links.artifact(run_id, "picture.png")
    if change == "name":
        link = link.replace("picture.png", "page.html")
    elif change == "what":
        link = link.replace("/artifact/", "/all/")
    elif change == "run":
        link = link.replace(run_id, Seeder(served.service, "other").id)
    elif change == "signature":
        link = link.replace("signature=", "signature=0")
    elif change == "none":
        link = link.partition("?")[0]
    with pytest.raises(urllib.error.HTTPError) as error:
        get(served, link)
    assert error.value.code == 403


@pytest.mark.parametrize("name", ["../../runs.sqlite", "missing.txt", "/etc/hostname"])
def test_even_a_signed_name_must_be_a_recorded_artifact(served, run_id, name):
    with pytest.raises(urllib.error.HTTPError) as error:
        get(served, FileLinks().artifact(run_id, name))
    assert error.value.code == 404


def test_gradios_own_file_endpoint_does_not_serve_the_home(served, run_id):
    path = served.service.artifact_path(run_id, "picture.png")
    for wanted in (path, served.service.log.path):
        with pytest.raises(urllib.error.HTTPError) as error:
            get(served, f"gradio_api/file={wanted}")
        assert error.value.code in (403, 404)


def test_an_upload_that_is_too_large_is_refused_with_the_limit(served):
    large = bytes(served.service.settings.app.upload_mb * 2**20 + 1)
    answer = httpx.post(f"{served.url}/gradio_api/upload", files={"files": ("big.csv", large)}, timeout=90)
    assert answer.status_code == 413 and "maximum allowed size" in answer.text
