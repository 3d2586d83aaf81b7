"""The page at / does what it says: signs in, shows what the API answers, stays true while things move."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.api_server import review, rulebook, served
from tests.page.conftest import Live
from tests.page.visits import Api, Server, Visitor

FIRST_ROW = "karma-board .row >> nth=0"
HELD = "Rows stay while you point at them."


def figure(score: int, scale: int) -> str:
    """A score as the page writes it: 6438 of scale 0 is 6,438; 250 of scale 2 is 2.5."""
    text = f"{score / 10**scale:,.{scale}f}".replace("-", "−")
    return text.rstrip("0").rstrip(".") if scale else text


async def test_the_key_leaves_the_address_and_lives_as_long_as_the_tab(visit: Visitor, live_server: Server) -> None:
    tab = await visit()
    await tab.rows()
    assert live_server.key not in tab.page.url
    assert "key" not in tab.page.url.partition("#")[2]
    await tab.page.reload()
    assert await tab.rows()
    other = await visit("")
    await expect(other.page.get_by_text("This page opens with a key.")).to_be_visible()


async def test_a_wrong_key_is_told_so_and_a_good_one_pasted_opens_the_board(
    visit: Visitor, live_server: Server
) -> None:
    tab = await visit("key=wrong&window=all")
    await expect(tab.page.get_by_text("You have been away for a while.")).to_be_visible()
    await tab.page.get_by_label("Key").fill(f" {live_server.key} ")
    await tab.page.get_by_role("button", name="Sign in").click()
    assert await tab.rows()
    await expect(tab.page.get_by_label("Key")).to_be_hidden()


BOOK = """
apiVersion: karmalog/v1
kind: Rulebook
boards: {reviews: {title: Reviews, score: {count: code_review.given}, windows: [all]}}
"""


async def test_who_chose_not_to_be_ranked_is_counted_below_the_rows_and_never_named(
    browser: Browser, tmp_path: Path
) -> None:
    async with served(tmp_path, book=rulebook(BOOK)) as server:
        hidden = [f"hidden-{number}" for number in range(5)]
        await server.post(review("anna"), *(review(member) for member in hidden[:2]))
        visitor = Visitor(browser, Live(server.url, server.key("viewer")))
        tab = await visitor()
        assert [row["who"] for row in await tab.rows()] == ["anna", "hidden-0", "hidden-1"]
        await expect(tab.page.get_by_text("not ranked, by choice")).to_be_hidden()
        chosen = {"type": "member.visibility_changed", "data": {"visibility": "hidden"}}
        await server.post(*(review(member, **chosen) for member in hidden), review("anna"))
        await expect(tab.page.locator("karma-board .apart")).to_have_text("–5 colleaguesnot ranked, by choice")
        assert [row["who"] for row in await tab.rows()] == ["anna"]
        assert "hidden-" not in await tab.page.locator("karma-board").inner_text()
        for context in visitor.contexts:
            await context.close()


async def test_every_window_and_group_is_shown_as_the_api_answers_it(visit: Visitor, api: Api) -> None:
    entry = await api.first_board()
    for by in entry["by"]:
        for window in [*entry["windows"], "2015", "2016-01"]:
            answer = await api.board(window, by)
            tab = await visit(visit.opening(window=window, by=by))
            if not answer["rows"]:
                await expect(tab.page.get_by_text("A clean page.")).to_be_visible()
                await tab.context.close()
                continue
            ranks = [row["rank"] for row in answer["rows"]]
            for row, seen in zip(answer["rows"], await tab.rows(), strict=True):
                shared = "shared rank =" if ranks.count(row["rank"]) > 1 else ""
                assert seen["rank"] == f"{shared}{row['rank']}"
                assert seen["who"] == row.get("name", row.get("member", row.get("group")))
                assert seen["score"] == figure(row["score"], entry["scale"])
                assert seen["share"] == pytest.approx(row["score"] / answer["rows"][0]["score"], abs=1e-4)
            heading = f"of {answer['total']:,}" if len(ranks) < answer["total"] else "All "
            await expect(tab.page.locator("karma-board .span")).to_contain_text(heading)
            await tab.context.close()


async def test_the_foot_names_the_rulebook_that_counted(visit: Visitor, api: Api) -> None:
    answer = await api.board("all")
    tab = await visit()
    await expect(tab.page.get_by_text(f"Rulebook {answer['rulebook']}")).to_be_visible()
    await expect(tab.page.get_by_text("Up to date at")).to_be_visible()


async def test_tabs_are_one_stop_and_arrows_follow_the_readers_direction(visit: Visitor, api: Api) -> None:
    windows = (await api.first_board())["windows"]
    kinds = [kind for kind in ["day", "week", "month", "quarter", "year", "all"] if kind in windows]
    tab = await visit()
    await tab.rows()
    chosen = tab.page.locator("karma-board .tabs-time [aria-selected=true]")
    assert await tab.page.locator("karma-board .tabs-time [tabindex='0']").count() == 1
    await chosen.focus()
    await tab.page.keyboard.press("ArrowLeft")
    await expect(chosen).to_have_attribute("data-value", kinds[-2])
    await expect(chosen).to_be_focused()
    await tab.page.evaluate("document.documentElement.dir = 'rtl'")
    await tab.page.keyboard.press("ArrowLeft")
    await expect(chosen).to_have_attribute("data-value", kinds[-1])
    await tab.page.keyboard.press("Home")
    await expect(chosen).to_have_attribute("data-value", kinds[0])


@pytest.mark.parametrize("width", [1280, 800, 390])
async def test_a_row_opens_its_members_sheet_and_escape_gives_the_focus_back(
    visit: Visitor, api: Api, width: int
) -> None:
    row = (await api.board("all"))["rows"][1]
    facts = await api.get(f"/v1/members/{row['member']}")
    tab = await visit(width=width)
    await tab.rows()
    why = tab.page.locator("karma-board .why >> nth=1")
    await why.focus()
    await tab.page.keyboard.press("Enter")
    sheet = tab.page.locator("#sheet")
    await expect(sheet.locator("h2")).to_have_text(row.get("name", row["member"]))
    await expect(sheet.locator("h2")).to_be_focused()
    await expect(why).to_have_attribute("aria-expanded", "true")
    for rule, points in facts["points"].items():
        line = sheet.locator(".sum li").filter(has=tab.page.get_by_text(rule, exact=True))
        await expect(line).to_contain_text(figure(points, 0))
    for badge in facts["badges"]:
        await expect(sheet.locator(f"time[datetime='{badge['at']}']").first).to_be_attached()
    for streak in facts["streaks"].values():
        await expect(sheet.get_by_text(f"longest {streak['longest']:,}").first).to_be_attached()
    await tab.page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()
    await expect(why).to_be_focused()
    await expect(why).to_have_attribute("aria-expanded", "false")


async def test_an_open_sheet_follows_the_board_to_another_window(visit: Visitor, api: Api) -> None:
    rows = {window: (await api.board(window))["rows"] for window in ("all", "2015")}
    in_2015 = {row["member"]: row["score"] for row in rows["2015"]}
    place = next(at for at, row in enumerate(rows["all"]) if row["member"] in in_2015)
    member = rows["all"][place]["member"]
    tab = await visit()
    await tab.rows()
    await tab.page.locator(f"karma-board .why >> nth={place}").click()
    await expect(tab.page.locator("#sheet .place")).to_contain_text("all time")
    await tab.page.goto(f"{visit.server.url}/#window=2015")
    await expect(tab.page.locator("#sheet .place")).to_contain_text(", 2015")
    await expect(tab.page.locator("#sheet .figure-great")).to_have_text(f"{in_2015[member]:,}")


async def test_a_past_window_is_chosen_by_month_and_year_and_stays_in_the_address(visit: Visitor, api: Api) -> None:
    tab = await visit(visit.opening(window="2016-02"))
    for month in ("2016-01", "2015-12"):
        await tab.page.get_by_role("button", name="Earlier").click()
        await tab.page.wait_for_url(f"**window={month}*")
    await tab.page.get_by_label("Part of the year").select_option("2015-06")
    await tab.page.wait_for_url("**window=2015-06*")
    await tab.page.reload()
    answer = await api.board("2015-06")
    assert [row["member"] for row in answer["rows"]] == await tab.order()
    await tab.page.get_by_label("Year", exact=True).select_option("2016")
    await tab.page.wait_for_url("**window=2016-06*")


async def test_an_empty_window_says_so_and_shows_the_way_out(visit: Visitor) -> None:
    tab = await visit(visit.opening(window="1999"))
    await expect(tab.page.get_by_text("Nobody had points in 1999.")).to_be_visible()
    await tab.page.get_by_role("button", name="Show all time").click()
    assert await tab.rows()


async def test_a_published_event_moves_rows_on_an_open_page(visit: Visitor, api: Api) -> None:
    tab = await visit()
    before = await tab.order()
    rose, passed = await api.swap()
    assert before.index(rose) > before.index(passed)
    await tab.until_above(rose, passed)
    assert 2 <= await tab.page.evaluate("probes.moves") <= 12
    assert await tab.order() == await api.order()


async def test_with_reduced_motion_rows_change_places_without_moving(visit: Visitor, api: Api) -> None:
    tab = await visit(reduced_motion="reduce")
    await tab.rows()
    await tab.until_above(*await api.swap())
    assert await tab.page.evaluate("probes.moves") == 0


async def test_nothing_moves_under_the_pointer_until_it_leaves(visit: Visitor, api: Api) -> None:
    tab = await visit()
    before = await tab.order()
    await tab.page.locator(FIRST_ROW).hover()
    rose, passed = await api.swap()
    await expect(tab.page.get_by_text(HELD)).to_be_visible()
    assert await tab.order() == before
    await tab.page.mouse.move(2, 2)
    await tab.until_above(rose, passed)
    await expect(tab.page.get_by_text(HELD)).to_be_hidden()


async def test_a_press_that_outlasts_an_update_still_opens_the_sheet(visit: Visitor, api: Api) -> None:
    tab = await visit()
    first = (await tab.rows())[0]
    await tab.page.locator(FIRST_ROW).hover()
    await tab.page.mouse.down()
    await api.review((await api.order())[0], 1)
    await expect(tab.page.locator(FIRST_ROW).locator(".score")).not_to_have_text(first["score"])
    await tab.page.mouse.up()
    await expect(tab.page.locator("#sheet h2")).to_have_text(first["who"])


async def test_without_a_network_the_last_board_stays_and_comes_alive_again(visit: Visitor, api: Api) -> None:
    tab = await visit()
    before = await tab.order()
    await tab.context.set_offline(offline=True)
    await expect(tab.page.get_by_text("No connection. This is how it stood at")).to_be_visible()
    rose, passed = await api.swap()
    assert await tab.order() == before
    await tab.context.set_offline(offline=False)
    await tab.until_above(rose, passed)
    await expect(tab.page.get_by_text("No connection.")).to_be_hidden()


async def test_the_page_asks_nobody_but_its_server_and_complains_of_nothing(
    visit: Visitor, live_server: Server
) -> None:
    tab = await visit()
    await tab.rows()
    await tab.page.locator("karma-board .why >> nth=0").click()
    await expect(tab.page.locator("#sheet .sum")).to_be_visible()
    assert tab.requests
    assert [url for url in tab.requests if not url.startswith(live_server.url)] == []
    # a fragment is never sent; the first request shows it because the browser reports the whole address
    assert [url for url in tab.requests[1:] if live_server.key in url] == []
    # a server that replays nothing may say so with 404, which browsers write into the console
    assert [said for said in tab.complaints if "404" not in said] == []
