"""The page can be read and reached by everyone, and draws and dates things right."""

from datetime import date, timedelta

import pytest
from playwright.async_api import expect

from tests.page.visits import Visitor

CALENDAR = """async (days) => {
  const {containing, firstDay, step} = await import('/widget/windows.js');
  return days.map((text) => {
    const day = new Date(text);
    const [week, quarter, month] = ['week', 'quarter', 'month'].map((kind) => containing(kind, day));
    const monday = firstDay(week).toISOString().slice(0, 10);
    return [week, monday, step(week, 1), quarter, step(quarter, -1), step(month, 1)];
  });
}"""

DRAWINGS = """async () => {
  const {badge, genes, metal} = await import('/widget/badge.js');
  return {
    genes: genes('reviewer'),
    gold: badge('reviewer', 'gold', 96),
    again: badge('reviewer', 'gold', 96),
    bronze: badge('reviewer', 'bronze', 96),
    other: badge('many-minds', 'gold', 96),
    second: metal({first: 1, second: 2, third: 3, fourth: 4}, 'second'),
    hostile: badge('"><script>', '"><script>', 96),
  };
}"""


def week(day: date) -> str:
    """The ISO week of a day as boards write it."""
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02}"


def quarter(day: date) -> str:
    """The quarter of a day as boards write it."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


async def test_the_calendar_of_the_page_is_pythons(visit: Visitor) -> None:
    days = [date(1999, 1, 1) + timedelta(days=step) for step in range(12_500)]
    tab = await visit("")
    found = await tab.page.evaluate(CALENDAR, [day.isoformat() for day in days])
    for day, answer in zip(days, found, strict=True):
        quarter_before = date(day.year, (day.month - 1) // 3 * 3 + 1, 1) - timedelta(days=1)
        month_after = date(day.year, day.month, 28) + timedelta(days=4)
        assert answer == [
            week(day),
            (day - timedelta(days=day.weekday())).isoformat(),
            week(day + timedelta(days=7)),
            quarter(day),
            quarter(quarter_before),
            month_after.isoformat()[:7],
        ]


@pytest.mark.parametrize("width", [1280, 390, 320])
async def test_nothing_is_cut_off_and_every_target_can_be_hit(visit: Visitor, width: int) -> None:
    tab = await visit(visit.opening(window="2015-06"), width=width)
    await tab.rows()
    assert await tab.page.evaluate("document.documentElement.scrollWidth") <= width
    assert await tab.page.evaluate("probes.lowTargets()") == []


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_text_is_readable_on_its_paper_in_both_themes(visit: Visitor, theme: str) -> None:
    tab = await visit(color_scheme=theme)
    await tab.rows()
    await tab.page.locator("karma-board .why >> nth=0").click()
    await expect(tab.page.locator("#sheet .sum")).to_be_visible()
    await tab.page.wait_for_function("() => document.getAnimations().length === 0")
    measured = await tab.page.evaluate("probes.contrasts()")
    assert len(measured) > 30
    assert [(text, ratio) for text, ratio in measured if ratio < 4.5] == []


async def test_forced_colours_keep_the_chosen_tab_and_the_share_of_first_place_visible(
    visit: Visitor,
) -> None:
    tab = await visit(forced_colors="active")
    await tab.rows()
    chosen = tab.page.locator("karma-board .tabs-time [aria-selected=true]")
    other = tab.page.locator("karma-board .tabs-time [aria-selected=false] >> nth=0")
    line = "e => getComputedStyle(e).borderBlockEndColor"
    await expect(chosen).to_be_visible()
    assert await chosen.evaluate(line) != await other.evaluate(line)
    share = "e => (({backgroundColor, blockSize, opacity}) => [backgroundColor, blockSize, opacity])"
    share += "(getComputedStyle(e, '::after'))"
    canvas = "getComputedStyle(document.body).backgroundColor"
    colour, height, opacity = await tab.page.locator("karma-board .row >> nth=0").evaluate(share)
    assert (height, opacity) == ("2px", "1")
    assert colour != await tab.page.evaluate(canvas)


async def test_a_badge_keeps_its_genes_from_bronze_to_gold_and_another_id_looks_unlike_it(
    visit: Visitor,
) -> None:
    tab = await visit("")
    drawn = await tab.page.evaluate(DRAWINGS)
    whole = {"petals": 10, "edge": 32, "lace": 2, "lobes": 9, "rounds": 6, "lobes2": 12, "eye": 1.8}
    assert {name: drawn["genes"][name] for name in whole} == whole
    assert drawn["genes"]["plan"] == [11.5, 22]
    assert drawn["gold"] == drawn["again"]
    gold, bronze, other = (drawn[name].split('d="')[1].split('"')[0] for name in ("gold", "bronze", "other"))
    assert gold == bronze != other
    assert drawn["second"] == "silver"
    assert "script" not in drawn["hostile"]
