"""Finding papers: ids, DOIs, titles, files; polite and robust HTTP against servers on loopback."""

import json
from pathlib import Path

import pytest

from intern.papers import web as web_module
from intern.papers.find import arxiv_id_in, find_paper, search_papers
from intern.papers.model import PaperError
from intern.papers.sources import Arxiv, HubPapers, SemanticScholar, parse_feed
from intern.papers.web import Web, retry_after
from intern.settings import Settings
from tests.servers.papers import PaperServer


@pytest.fixture
def server():
    with PaperServer() as running:
        yield running


@pytest.fixture
def settings(server, tmp_path):
    return server.settings(tmp_path)


class Naps:
    """A clock that only moves when something sleeps."""

    def __init__(self):
        self.now, self.slept = 1000.0, []

    def sleep(self, seconds):
        self.slept.append(round(seconds, 2))
        self.now += seconds

    def clock(self):
        return self.now


@pytest.fixture
def naps(monkeypatch):
    moments = Naps()
    monkeypatch.setattr(web_module, "_last_request", {})
    return moments


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """The clients keep their pauses, but tests do not sit through them."""
    moments = Naps()
    monkeypatch.setattr(web_module, "_last_request", {})
    monkeypatch.setattr(Web.__init__, "__defaults__", (*Web.__init__.__defaults__[:-2], moments.sleep, moments.clock))
    return moments


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1706.03762", "1706.03762"),
        ("arXiv:1706.03762v5", "1706.03762v5"),
        ("https://arxiv.org/pdf/2106.09685v2.pdf", "2106.09685v2"),
        ("https://huggingface.co/papers/1408.5882", "1408.5882"),
        ("10.48550/arXiv.1810.04805", "1810.04805"),
        ("cs.CL/0301012", "cs.CL/0301012"),
        ("cs/0301012", "cs/0301012"),
        ("attention is all you need", None),
        ("version 12345.67890", None),
    ],
)
def test_arxiv_ids_are_seen_in_many_forms(text, expected):
    assert arxiv_id_in(text) == expected


@pytest.mark.parametrize(
    "query", ["2101.00001", "https://arxiv.org/abs/2101.00001v2", "10.1000/loop", "loopback networks for small talk"]
)
def test_every_way_to_name_a_paper_leads_to_its_source(query, settings):
    found = find_paper(query, settings, online=True)
    assert found.kind == "latex"
    reading = found.read()
    values = {fact.name: fact.value for fact in reading.setup.hyperparameters}
    assert reading.title == "Loopback Networks for Small Talk"
    assert values["learning_rate"] == 0.05 and values["batch_size"] == 32
    assert [(row.value, row.own) for row in reading.setup.results] == [(91.5, True), (10.0, False)]


def test_without_source_the_html_is_read(server, settings):
    server.fault("/e-print", status=404)
    found = find_paper("2101.00001", settings, online=True)
    reading = found.read()
    assert found.kind == "html" and reading.authors == ["Ada Writer", "Bo Reader"]
    assert {fact.name: fact.value for fact in reading.setup.hyperparameters}["learning_rate"] == 0.05
    assert [section.title for section in reading.sections] == ["Training"]


def test_when_everything_fails_a_known_paper_comes_from_its_card(server, settings):
    found = find_paper("1706.03762", settings, online=True)
    assert found.kind == "card" and "arXiv did not give the paper" in found.note
    assert any("built-in card" in warning for warning in found.read().warnings)


def test_an_unknown_paper_is_an_error_that_says_why(settings):
    with pytest.raises(PaperError, match=r"2999\.99999 could not be fetched.*no such paper"):
        find_paper("2999.99999", settings, online=True)
    with pytest.raises(PaperError, match="No paper found"):
        find_paper("zzz nothing like this", settings, online=True)
    with pytest.raises(PaperError, match="not a paper address"):
        find_paper("https://example.org/x", settings, online=True)


def test_offline_only_files_and_cards(tmp_path):
    settings = Settings(home=tmp_path)
    assert find_paper("attention is all you ned", settings, online=False).arxiv_id == "1706.03762"
    assert find_paper("https://arxiv.org/abs/1408.5882v2", settings, online=False).kind == "card"
    with pytest.raises(PaperError, match=r"not at hand offline.*1706\.03762 Attention"):
        find_paper("2101.00001", settings, online=False)
    with pytest.raises(PaperError, match="No such file"):
        find_paper("missing.pdf", settings, online=False)
    with pytest.raises(PaperError, match="Name a paper"):
        find_paper("  ", settings, online=False)


def test_429_waits_as_long_as_it_is_asked(server, settings, naps):
    server.fault("/api/query", status=429, retry_after="7")
    arxiv = Arxiv(settings, Web(settings, pause=3.0, sleep=naps.sleep, clock=naps.clock))
    assert arxiv.entry("2101.00001").title == "Loopback Networks for Small Talk"
    assert 7.0 in naps.slept and server.count("/api/query") == 2


def test_a_wait_that_is_too_long_is_refused(server, settings):
    server.fault("/api/query", status=503, retry_after="3600")
    with pytest.raises(PaperError, match="asks to wait 3600 s"):
        Arxiv(settings).entry("2101.00001")


def test_5xx_is_tried_again_and_then_said(server, settings, naps):
    server.fault("/hub/api", status=502, times=2)
    hub = HubPapers(settings, Web(settings, sleep=naps.sleep, clock=naps.clock))
    assert hub.info("2101.00001")[1].models == ["ada/talker"]
    server.fault("/hub/papers", status=500, times=3)
    with pytest.raises(PaperError, match=r"HTTP 500.*tried 3 times"):
        hub.markdown("2101.00001")


def test_timeouts_and_dropped_connections_are_one_line(server, settings, naps):
    server.seconds = 1.0
    server.fault("/api/query", kind="timeout", times=3)
    slow = Web(settings, timeout=0.2, sleep=naps.sleep, clock=naps.clock)
    with pytest.raises(PaperError, match="did not answer within"):
        Arxiv(settings, slow).entry("2101.00001")
    server.fault("/api/query", kind="drop", times=3)
    with pytest.raises(PaperError, match="cannot be reached"):
        Arxiv(settings, slow).entry("2101.00001")


def test_malformed_answers_are_errors(server, settings):
    server.fault("/api/query", kind="malformed")
    with pytest.raises(PaperError, match="malformed XML"):
        Arxiv(settings).entry("2101.00001")
    server.fault("/s2", kind="malformed")
    with pytest.raises(PaperError, match="no JSON"):
        SemanticScholar(settings).search("loopback")


def test_arxivs_error_entry_is_an_error():
    body = (
        b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>http://arxiv.org/api/errors#incorrect_id</id>'
        b"<title>Error</title><summary>incorrect id format for x</summary></entry></feed>"
    )
    with pytest.raises(PaperError, match="incorrect id format"):
        parse_feed(body)


def test_arxiv_is_asked_once_in_three_seconds(server, settings, naps):
    web = Web(settings, pause=3.0, sleep=naps.sleep, clock=naps.clock)
    arxiv = Arxiv(settings, web)
    arxiv.entry("2101.00001")
    arxiv.search("Second Paper")
    assert naps.slept == [3.0]


def test_answers_are_kept_with_their_etag(server, settings):
    web = Web(settings)
    url = f"{server.url}/hub/api/papers/2101.00001"
    first = web.get(url)
    assert not first.cached and web.get(url).cached and server.count("/hub") == 1
    again = web.get(url, fresh=0)
    assert again.cached and again.body == first.body
    assert server.requests[-1][1]["if-none-match"] and server.count("/hub") == 2


def test_a_dead_source_is_answered_from_the_cache(server, settings):
    web = Web(settings)
    url = f"{server.url}/hub/api/papers/2101.00001"
    first = web.get(url)
    server.fault("/hub", status=500, times=3)
    old = web.get(url, fresh=0)
    assert old.stale and old.body == first.body


def test_a_torn_cache_file_is_fetched_again(server, settings, tmp_path):
    web = Web(settings)
    url = f"{server.url}/hub/api/papers/2101.00001"
    path = web.get(url).path
    path.write_bytes(path.read_bytes()[:10])
    assert json.loads(web.get(url).body)["id"] == "2101.00001"


def test_the_graph_of_a_paper(settings):
    scholar = SemanticScholar(settings)
    assert [entry.title for entry in scholar.references("ARXIV:2101.00001")] == ["A Second Paper on Loopback"]
    assert scholar.citations("ARXIV:2101.00001")[0].arxiv_id == "2102.00002"
    assert scholar.recommendations("ARXIV:2101.00001")[0].year == 2021
    assert scholar.snippets("talk")[0].snippet == "a passage"


def test_a_search_joins_the_sources_and_says_which_failed(server, settings):
    server.fault("/s2", status=500, times=3)
    entries, problems = search_papers("loopback", settings)
    assert [entry.arxiv_id.partition("v")[0] for entry in entries].count("2101.00001") == 1
    assert len(entries) == 2 and len(problems) == 1 and "HTTP 500" in problems[0]


def test_retry_after_as_a_date(monkeypatch):
    monkeypatch.setattr(web_module.time, "time", lambda: 0.0)
    assert retry_after("Thu, 01 Jan 1970 00:00:09 GMT", 1.0) == 9.0
    assert retry_after("soon", 1.5) == 1.5 and retry_after("4", 1.0) == 4.0


def test_a_local_file_wins_over_the_net(tmp_path, settings):
    path = tmp_path / "mine.tex"
    path.write_text(
        r"\documentclass{article}\title{Mine}\begin{document}\section{A}We use a batch size of 8.\end{document}"
    )
    found = find_paper(str(path), settings, online=True)
    assert found.path == Path(path) and found.read().title == "Mine"
