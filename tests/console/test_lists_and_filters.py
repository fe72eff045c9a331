"""Filters are typed as one types, pages are turned and come back from, and one failed reading takes nothing away."""

import re

from playwright.async_api import Route, expect

from tests.console.house import OLIVIA, House, Visitor, story

pytestmark = story
ADA = "ada@acme.example"
_MANY = """
insert into organizations (id, name, slug, created_at, updated_at)
select ('ffffffff-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'Customer ' || n, 'customer-' || n, now(), now()
from generate_series(1, 60) n"""


async def at(house: House, path: str, email: str = ADA) -> Visitor:
    visitor = await house.visitor()
    await visitor.sign_in(email, path)
    return visitor


async def _too_many(route: Route) -> None:
    told = {"title": "Too many requests.", "remedy": "Wait a moment.", "code": "rate_limited", "status": 429}
    await route.fulfill(status=429, content_type="application/problem+json", json=told)


async def test_one_refused_reading_leaves_a_half_filled_form(house: House) -> None:
    page = (await at(house, "settings/workos", OLIVIA)).page
    await page.get_by_label("API key").fill("sk_test_half_typed")
    await page.route("**/api/settings/workos", _too_many)
    await expect(page.get_by_text("Too many requests.")).to_be_visible(timeout=30_000)
    await expect(page.get_by_label("API key")).to_have_value("sk_test_half_typed")
    await page.unroute("**/api/settings/workos")
    await expect(page.get_by_text("Too many requests.")).to_have_count(0, timeout=30_000)
    await expect(page.get_by_label("API key")).to_have_value("sk_test_half_typed")


async def test_one_refused_reading_leaves_the_rows_of_a_list(house: House) -> None:
    await house.lived_in()
    page = (await at(house, "webhooks", OLIVIA)).page
    rows = page.get_by_role("table", name="Events").get_by_role("row")
    await expect(rows.nth(1)).to_be_visible()
    await page.route("**/api/webhooks/events?*", _too_many)
    await page.route("**/api/webhooks/events", _too_many)
    await expect(page.get_by_role("alert").filter(has_text="Too many requests.").first).to_be_visible(timeout=20_000)
    await expect(rows.nth(1)).to_be_visible()


async def test_what_was_taken_away_from_somebody_is_not_shown_on(house: House) -> None:
    page = (await at(house, "webhooks", OLIVIA)).page
    rows = page.get_by_role("table", name="Events").get_by_role("row")
    await expect(rows.nth(1)).to_be_visible()

    async def forbidden(route: Route) -> None:
        await route.fulfill(status=403, json={"title": "Not for you.", "status": 403})

    await page.route("**/api/webhooks/events*", forbidden)
    await expect(page.get_by_role("heading", name="Not for you.")).to_be_visible(timeout=20_000)
    await expect(rows).to_have_count(0)


async def test_a_day_is_typed_by_keyboard(house: House) -> None:
    page = (await at(house, "audit")).page
    day = page.get_by_label("From")  # typed is the 11th of the 11th: the browser's own language says which comes first
    await day.focus()
    await page.keyboard.type("11112026", delay=60)
    await expect(day).to_have_value("2026-11-11")
    await expect(page).to_have_url(re.compile("since=2026-11-1[01]T"))
    await page.get_by_label("Action").focus()
    await expect(day).to_have_value("2026-11-11")
    await page.get_by_role("button", name="Clear filters").click()
    await expect(day).to_have_value("")


async def test_a_year_that_is_not_finished_asks_for_nothing(house: House) -> None:
    page = (await at(house, "audit")).page
    day = page.get_by_label("Before")
    await day.focus()
    await page.keyboard.type("1111202", delay=60)
    await page.get_by_label("Action").focus()
    await expect(day).to_have_value("")
    assert "until" not in page.url


async def test_two_words_are_typed_with_a_pause_between(house: House) -> None:
    page = (await at(house, "people")).page
    search = page.get_by_label("Search")
    await search.focus()
    await page.keyboard.type("grace ")
    await expect(page).to_have_url(re.compile("search=grace$"))
    await page.get_by_role("link", name="Grace Hopper").wait_for()
    await page.keyboard.type("hopper")
    await expect(search).to_have_value("grace hopper")
    await expect(page).to_have_url(re.compile(r"search=grace(\+|%20)hopper$"))
    await expect(page.get_by_role("table", name="People").get_by_role("row")).to_have_count(2)
    await search.fill("alan")
    await page.get_by_label("State").focus()
    await expect(page).to_have_url(re.compile("search=alan$"))
    await page.get_by_role("button", name="Clear filters").click()
    await expect(search).to_have_value("")


async def test_back_leads_to_the_page_before(house: House) -> None:
    await house.as_superuser(_MANY)
    page = (await at(house, "organizations", OLIVIA)).page
    first = page.get_by_role("link", name="Acme Corp")
    await expect(first).to_be_visible()
    await page.get_by_role("button", name="Next").click()
    await expect(first).to_have_count(0)
    second = page.url
    await page.get_by_role("button", name="Next").click()
    await expect(page).not_to_have_url(second)
    await page.go_back()
    await expect(page).to_have_url(second)
    await page.go_back()
    await expect(first).to_be_visible()


async def test_a_link_to_a_page_that_is_no_more_leads_to_the_first(house: House) -> None:
    page = (await at(house, "people?state=active&after=from-somewhere-else")).page
    await page.get_by_role("link", name="Back to the first page").click()
    await expect(page.get_by_role("link", name="Alan Turing")).to_be_visible()
    await expect(page).to_have_url(re.compile(r"/people\?state=active$"))


async def test_another_refusal_offers_no_first_page(house: House) -> None:
    page = (await at(house, "people?state=nonsense")).page
    await expect(page.get_by_role("alert").filter(has_text="Request")).to_be_visible()
    await expect(page.get_by_role("link", name="Back to the first page")).to_have_count(0)
    await expect(page.get_by_label("State").locator("option:checked")).to_have_text("nonsense")
