"""What the prompt says of the tools is what they say themselves."""

from __future__ import annotations

from intern.tools.listing import FILE, as_text, described, listed
from intern.tools.prompt import system_prompt


def test_the_listing_is_what_the_tools_say():
    assert FILE.read_text("utf-8") == as_text(described()), "run `python -m intern.tools.listing`"


def test_only_what_can_work_is_listed():
    everything = {card.name for card in described()}
    offline, planner = listed(online=False, has_llm=True), listed(online=True, has_llm=False)
    assert {"web_fetch", "hub_search"} <= everything - {card.name for card in offline}
    assert everything - {card.name for card in planner} == {"research"}
    assert "- find_paper(query): Find a paper" in system_prompt(offline)
