"""Before a machine is rented: which there are, at what price and for how long, and what the budget does about it."""

from __future__ import annotations

import json
import re
import sqlite3

import pytest

from intern.compute.flavors import Flavor, listed_hardware
from intern.ui.rent import at_worst, choices, limit_minutes, terms
from tests.ui.test_browser import wait_text

GPU = Flavor(name="t4-small", cpus=4, memory_gb=15, accelerator="T4", gpus=1, vram_gb=16, usd_per_hour=0.4, live=True)


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", html))


def test_time_limit_and_price_are_those_of_the_decision_card():
    assert limit_minutes(5, 1) == 18 and limit_minutes(6, 3) == 13  # half as much again, and ten minutes to start
    assert at_worst(GPU, 5, 1) == pytest.approx(0.4 * 18 / 60) and at_worst(GPU, 6, 3) == pytest.approx(0.26)


@pytest.mark.parametrize(
    ("budget", "said"),
    [(0, "No budget is set."), (0.05, "less than one job may cost"), (2, "held from your budget of $2.00")],
)
def test_the_budget_stands_beside_the_price(budget, said):
    text = words(terms([GPU], "t4-small", 5, budget))
    assert said in text and "t4-small at $0.4 an hour:" in text and "$0.12 at most" in text
    assert "You are asked, with the exact price, before anything is rented." in text


def test_listed_prices_are_called_so():
    flavors = listed_hardware().flavors
    assert f"as listed on {listed_hardware().listed}" in words(terms(flavors, "", 5, 0))
    assert (
        choices(flavors)[0] == ("The cheapest that fits", "")
        and "$0.4/h" in dict(map(reversed, choices(flavors)))["t4-small"]
    )


def choose(page, element: str, option: str) -> None:
    page.locator(f"{element} input").click()
    page.get_by_role("option", name=option).first.click()


def test_a_machine_is_chosen_in_the_page(watched, app_at_hub, home):
    page = watched(viewport={"width": 1280, "height": 1000}).page
    page.goto(app_at_hub.url)
    page.wait_for_selector("#chat .example")
    page.locator("#options button").first.click()
    assert not page.locator("#flavor").is_visible()
    choose(page, "#compute", "HF Jobs")
    wait_text(page, "#rent", "For example cpu-basic at $")
    wait_text(page, "#rent", "No budget is set.")
    choose(page, "#flavor", "t4-small")
    wait_text(page, "#rent", "t4-small at $0.4 an hour")
    assert "as listed" not in page.locator("#rent").inner_text()  # the Hub was asked
    page.fill("#budget input", "2")
    wait_text(page, "#rent", "held from your budget of $2.00")
    page.fill("#task textarea", "train a classifier on digits")
    page.keyboard.press("Enter")
    page.wait_for_function("location.search.includes('run=')")
    page.click("#stop")
    with sqlite3.connect(home / "runs.sqlite") as db:
        (row,) = db.execute("SELECT request FROM runs").fetchall()
    request = json.loads(row[0])
    assert (request["compute"], request["flavor"], request["budget_usd"]) == ("hf-jobs", "t4-small", 2)
    choose(page, "#compute", "This machine")
    page.wait_for_selector("#flavor", state="hidden")
