"""A rulebook with everything in it, broken in some hundred ways: each message is held to its words and its place.

Read them aloud when you change one: it names the line, says what is wrong in an admin's words, and what to do.
"""

# ruff: noqa: E501 - a message stands in one line here, as it does on the terminal

import re
from pathlib import Path

import pytest

from engine.rulebook_check import check

RICH = (Path(__file__).parent / "data" / "rich-rulebook.yaml").read_text(encoding="utf-8")

BROKEN: list[tuple[str, str, str]] = [
    # what is replaced, by what, and all that is said then and was not said before
    ("karmalog/v1", "karmalog/v2", "3:13: fault: expected karmalog/v1, got a text (karmalog/v2); did you mean `karmalog/v1`? [apiVersion]"),
    ("kind: Rulebook\n", "", "3:1: fault: `kind` is missing; the second line is `kind: Rulebook` [kind]"),
    ("Europe/Berlin", "Europe/Berln", "7:13: fault: there is no time zone 'Europe/Berln'; did you mean `Europe/Berlin`? [calendar.timezone]"),
    ("workdays: [mon,", "workdays: [monday,", "8:14: fault: expected mon, tue, wed, thu, fri, sat or sun, got a text (monday); did you mean `mon`? [calendar.workdays[0]]"),
    ("2026-12-25,", "25.12.2026,", "9:14: fault: expected a date from 1970 on, such as 2026-12-31, got a text (25.12.2026) [calendar.holidays[0]]"),
    ("2026-12-26]", "2026-12-25]", "9:26: fault: `2026-12-25` stands twice; keep one of them [calendar.holidays[1]]"),
    ("late: 30d", "late: 30", "10:7: fault: expected a span of time such as 30d, 12h or 90m, got a whole number (30) [late]"),
    ("undeclared: wait", "undeclared: keep", "11:13: fault: expected wait or drop, got a text (keep) [undeclared]"),
    ("visibility: listed", "visibility: public", "13:15: fault: expected hidden, nickname or listed, got a text (public) [people.visibility]"),
    ("smallest_group: 5", "smalest_group: 5", "14:3: fault: `smalest_group` is not known here; did you mean `smallest_group`? [people.smalest_group]"),
    ("one_at_a_time: true", "one_at_a_time: yes", "16:25: fault: expected true or false, got a text (yes) [groups.team.one_at_a_time]"),
    ("  community: {}", "  focus: {}\n  community: {}", "17:3: fault: `focus` is a word of expressions, where `focus(subject)` would ask for the group: give it another name, such as `focus_group` [groups.focus]"),
    ("from: 2026-03-01, to", "from: 2026-06-01, to", "19:3: fault: the season ends before it begins: `to` is earlier than `from`; mend one of them [seasons.spring]"),
    ("to: 2026-10-09", "too: 2026-10-09", "20:32: fault: `too` is not known here; did you mean `to`? [seasons.hackweek.too]"),
    ("  hackweek: {from", "  2026-10: {from: 2026-10-01, to: 2026-10-31}\n  hackweek: {from", "20:3: fault: `2026-10` names a window of the calendar: give the season another id, such as `season-2026-10` [seasons.2026-10]"),
    ("  2026-Q4: {", "  2026-Q5: {", "22:3: fault: `2026-Q5` is neither a window nor a season; write a window such as 2026, 2026-Q4, 2026-10 or 2026-W40, or the id of a season [focus.2026-Q5]"),
    ("  spring: {topics: [writing]}", "  sprng: {topics: [writing]}", "23:3: fault: `sprng` is neither a window nor a season; did you mean the season `spring`? [focus.sprng]"),
    ("topics: [kubernetes, security]", "topics: []", "22:13: fault: expected at least one entry, got an empty list [focus.2026-Q4.topics]"),
    ("once: data.change", "once: data.chnge", "27:16: fault: there is no field `chnge`: did you mean `change`? (for code_review.given) [activities.code_review.given.once]"),
    ("    credit: data.mentor\n", "    counts: time.getHours() < 20\n    credit: data.mentor\n", "29:13: fault: this looks at the time of day, and shows who works when: ask for the day alone, as `time.getDayOfWeek()` and `days: [mon, …]` do; only a rule with `allow_hours` may [activities.mentoring.held.counts]"),
    ("    confirm: data.mentee", "    confirm: data.mentee == subject", "31:14: fault: it gives a truth value where a member id is needed: name a field that holds one, or `subject` (for mentoring.held) [activities.mentoring.held.confirm]"),
    ("  acme.lunch_and_learn.hosted:\n", "  lunch.hosted: {data: {type: object}}\n  acme.lunch_and_learn.hosted:\n", "32:3: fault: `lunch.hosted` is not built in, and a type of one's own begins with a prefix, three words or more, such as acme.lunch.hosted [activities.lunch.hosted]"),
    ("  acme.lunch_and_learn.hosted:\n", "  acme.lunch.hosted: {title: Lunch}\n  acme.lunch_and_learn.hosted:\n", "32:3: fault: `acme.lunch.hosted` is a type of one's own: add `data`, the JSON Schema of its fields [activities.acme.lunch.hosted]"),
    ("required: [topic, hours]", "required: [topic, hour]", "36:25: fault: `hour` is required but not among `properties` [activities.acme.lunch_and_learn.hosted.data.required[1]]"),
    ("hours: {type: number,", "hours: {type: float,", "39:9: fault: expected `type`, one of object, array, string, integer, number, boolean [activities.acme.lunch_and_learn.hosted.data.properties.hours]"),
    ("  mentor: {event: mentoring.held", "  review: {event: talk.presented, award: 1}\n  mentor: {event: mentoring.held", "51:3: fault: `review` stands twice; the first is in line 44; keep one of them [rules.review]"),
    ("event: code_review.given\n    when", "event: code_review.gven\n    when", "46:12: fault: `code_review.gven` is no activity: neither built in nor under `activities`; did you mean `code_review.given`? [rules.review.event]"),
    ('when: "!has(data.lines_changed) || data.lines_changed >= 5"', "when: data.lines_changed >= 5", "47:16: fault: `data.lines_changed` may be absent (the schema does not require it): write `has(data.lines_changed) && data.lines_changed >= 5` (for code_review.given) [rules.review.when]"),
    ('when: "!has(data.lines_changed) || data.lines_changed >= 5"', "when: data.author", '47:11: fault: it gives a text where a truth value is needed: compare it, as in `data.author != ""` (for code_review.given) [rules.review.when]'),
    ('when: "!has(data.lines_changed) || data.lines_changed >= 5"', "when: data.author = subject", "47:23: fault: CEL has no `=`: write `==` (for code_review.given) [rules.review.when]"),
    ('when: "!has(data.lines_changed) || data.lines_changed >= 5"', "when: time.getHours() >= 7", "47:11: fault: this looks at the time of day, and shows who works when: ask for the day alone, as `time.getDayOfWeek()` and `days: [mon, …]` do, or write `allow_hours: true` into the rule where those whom it concerns agreed to that [rules.review.when]"),
    ('when: "!has(data.lines_changed) || data.lines_changed >= 5"', "when: time.getHours() >= 7\n    allow_hours: true", "48:5: warning: by this rule's points everyone can see who works at which time of day: make sure that those whom it concerns agreed, or let it ask for the day alone [rules.review.allow_hours]"),
    ("    award: 5\n    cooldown", "    awrd: 5\n    cooldown", "48:5: fault: `awrd` is not known here; did you mean `award`? [rules.review.awrd]"),
    ("    award: 5\n    cooldown", "    award: 5.5\n    cooldown", "48:12: fault: expected a whole number, or CEL of one as text, got a number (5.5) [rules.review.award]"),
    ("    award: 5\n    cooldown", "    award: -5\n    cooldown", "44:3: warning: `review` takes points away, up to 5 for one event; that is allowed, but losing hurts more than earning pleases, and people hide what costs them: better let it give nothing, by a `when` [rules.review]"),
    ("cooldown: 5m", "cooldown: 2d", "49:15: fault: expected a span of time of at most 1d, got a text (2d) [rules.review.cooldown]"),
    ("{per: day, points: 50}", "{per: dya, points: 50}", "50:20: fault: expected day, workday, week, month, quarter, year or ever, got a text (dya); did you mean `day`? [rules.review.limits[0].per]"),
    ("{per: day, points: 50}", "{per: day, points: 50, times: 3}", "50:14: fault: expected `times: N` or `points: N`, one of them; two limits are two entries [rules.review.limits[0]]"),
    ("{per: week, times: 30}", "{per: day, points: 30}", "50:38: fault: a second limit of points per day; keep the lower one [rules.review.limits[1]]"),
    ("{season: spring, by", "{season: summer, by", "51:66: fault: `summer` is no season; expected one of hackweek, spring [rules.mentor.multiply[0].season]"),
    ("by: 1.5}", "by: 1.555}", "51:78: fault: expected a number from 0 to 100 with at most two decimal places, got 1.555 [rules.mentor.multiply[0].by]"),
    ("days: [mon, wed]", "days: [mon, mon]", "56:17: fault: `mon` stands twice; keep one of them [rules.lunch.days[1]]"),
    ("award: {points: 40, karma: 25}\n    days: [mon, wed]\n    limits: [{per: month, times: 4}]", "award: {points: 40, karma: 25}\n    days: [mon, wed]", "52:3: warning: one person can send `acme.lunch_and_learn.hosted` or `talk.presented` alone and without limit: 96 events a day give 3,840 points and 2,400 karma (240.00 EUR); add `limits: [{per: day, times: N}]`, let a second person `confirm` the activity, or write `# karmalog: accept farm-alone REASON` in the line above [rules.lunch]"),
    ('award: "has(data.attendees) && data.attendees < 20 ? data.attendees : 20"', "award: data.attendees", "60:17: fault: `data.attendees` may be absent (the schema does not require it): write `has(data.attendees) ? data.attendees : 0` (for acme.lunch_and_learn.hosted) [rules.attended.award]"),
    ('to: "has(data.host) ? [data.host, subject] : [subject]"', "to: data.host", "61:14: fault: `data.host` may be absent (the schema does not require it): write `has(data.host) ? [data.host] : []` (for acme.lunch_and_learn.hosted) [rules.attended.to]"),
    ("  # karmalog: accept farm-alone the learning platform counts the minutes itself\n", "", "64:3: warning: one person can send `learning_time.spent` alone and without limit: 96 events a day give 13,824 points; add `limits: [{per: day, times: N}]`, let a second person `confirm` the activity, or write `# karmalog: accept farm-alone REASON` in the line above [rules.minutes]"),
    ("accept farm-alone the learning platform counts the minutes itself", "accept farm-alone", "64:3: fault: it does not say why `farm-alone` is accepted; write the reason behind it, for whoever reads it next"),
    ("accept farm-alone the", "acept farm-alone the", "64:3: fault: `# karmalog: acept` is not understood; did you mean `accept`?"),
    ("award: data.minutes / 10}", "award: data.minutes / 10, limits: [{per: day, points: 50}]}", "64:3: warning: there is nothing to accept: FARM_ALONE would not be warned of here; take it out"),
    ("was: article,", "was: review,", "66:15: fault: `review` is still a rule; take it out here, or there [rules.post.was]"),
    ("until: 2026-06-30", "until: 2026-06-31", "66:31: fault: expected a date from 1970 on, such as 2026-12-31, got a text (2026-06-31) [rules.post.until]"),
    ("award: 10, limits: [{per: ever, times: 100}]}", 'award: "has(data.ref) ? 1 : "}', "66:97: fault: it ends too early: something is missing (for article.published) [rules.post.award]"),
    ("{points: [review, mentor, lunch]}", "{points: [review, mentor, launch]}", "71:38: fault: `launch` is no rule; did you mean `lunch`? [boards.sharing.score.points[2]]"),
    ("{points: [review, mentor, lunch]}", "{points: [review], count: talk.presented}", "71:5: fault: a score is one of count, sum, distinct, best and points; found count and points [boards.sharing.score]"),
    ("windows: [week, month, quarter, year, all]", "windows: [week, monthly, all]", "72:21: fault: expected day, week, month, quarter, year or all, got a text (monthly); did you mean `month`? [boards.sharing.windows[1]]"),
    ("seasons: [spring, hackweek]", "seasons: [spring, hackweak]", "73:23: fault: `hackweak` is no season; did you mean `hackweek`? [boards.sharing.seasons[1]]"),
    ("by: [member, team, community]", "by: [member, teams]", "74:18: fault: `teams` is no kind of group; did you mean `team`? [boards.sharing.by[1]]"),
    ("by: [member, team, community]", "by: [member]", "75:15: fault: `per_head` compares groups, and this board has none: add a kind of group to `by`, or take it out [boards.sharing.per_head]"),
    ("top: 10", "top: ten", "76:10: fault: expected a whole number, got a text (ten) [boards.sharing.top]"),
    ("score: {sum: data.hours, event: acme.lunch_and_learn.hosted, scale: 1}", "score: {sum: data.hours, scale: 1}", "82:5: fault: `sum` needs `event`: the type, or types, it is taken from [boards.quickest.score]"),
    ("score: {sum: data.hours, event", "score: {sum: data.topic, event", "82:18: fault: it gives a text where a number is needed: name a field that is one (for acme.lunch_and_learn.hosted) [boards.quickest.score.sum]"),
    ("order: lowest", "order: ascending", "83:12: fault: expected highest or lowest, got a text (ascending) [boards.quickest.order]"),
    ("levels: {bronze: 10, silver: 100, gold: 1000}", "levels: {bronze: 10, silver: 10}", "86:49: fault: two levels have the same number; each needs one of its own [badges.reviewer.levels]"),
    ("event: code_review.given}, at: 25}", "event: code_review.given}, at: 25, levels: {gold: 1}}", "87:3: fault: a badge has `levels` or `at`, not both; take one of them out [badges.many-minds]"),
    ("event: code_review.given}, at: 25}", "event: code_review.given}}", "87:3: fault: nothing to reach: add `at: N`, or `levels: {bronze: N, …}` [badges.many-minds]"),
    ("within: 7d, at: 20", "within: 7d, at: 200", "89:3: fault: `within` goes up to 100 events; ask for fewer [badges.burst]"),
    ("every: week\n", "every: fortnight\n", "92:14: fault: expected day, workday, week, month, quarter or year, got a text (fortnight) [badges.steady.streak.every]"),
    ("forgive: {misses: 1, in: 8}", "forgive: {misses: 8, in: 8}", "95:7: fault: `misses` has to be lower than `in`, or nothing would ever break the streak [badges.steady.streak.forgive]"),
    ("begun: {score: {count: course.completed}, at: 1}", "begun: {scores: {count: course.completed}, at: 1}", "100:15: fault: `scores` is not known here; did you mean `score`? [badges.path.chain.begun.scores]"),
    ("reviewer.bronze, path.begun]", "reviewer.bronce, path.begun]", "102:38: fault: `reviewer` has no level `bronce`; did you mean `bronze`? [badges.all-rounder.all_of[1]]"),
    ("all_of: [many-minds,", "all_of: [many-mind,", "102:26: fault: there is no badge `many-mind`; did you mean `many-minds`? [badges.all-rounder.all_of[0]]"),
    ("all_of: [many-minds,", "all_of: [all-rounder, many-minds,", "102:26: fault: `all-rounder` asks for itself; name other badges [badges.all-rounder.all_of[0]]"),
    ("  all-rounder: {all_of: [many-minds,", "  circle: {all_of: [all-rounder]}\n  all-rounder: {all_of: [circle, many-minds,", "102:21: fault: `circle` asks for itself by way of others, so that nobody can reach it: circle → all-rounder → circle; take one of them out [badges.circle.all_of[0]]"),
    ("  mentor: {event: mentoring.held, award: 15,", '  lines: {event: code_review.given, award: "has(data.lines_changed) ? data.lines_changed : 0", cooldown: 5m}\n  mentor: {event: mentoring.held, award: 15,', "51:44: fault: whoever publishes the event says how many points it gives, without an upper bound: write `(has(data.lines_changed) ? data.lines_changed : 0) < 100 ? (has(data.lines_changed) ? data.lines_changed : 0) : 100`, or add a limit, such as `limits: [{per: day, points: 100}]` (for code_review.given) [rules.lines.award]"),
    ("any_of: [steady, burst], need: 1", "any_of: [steady, burst], need: 3", "102:3: fault: `need` asks for more badges than `any_of` names; lower it [badges.all-rounder]"),
    ("any_of: [steady, burst], need: 1", "any_of: [steady, burst], each: data.topic", "102:99: fault: `each` takes its values from a part that has `each`, and none of `many-minds`, `reviewer`, `path`, `steady`, `burst` has: take it out, or add it to one of them [badges.all-rounder.each]"),
    ("{board: sharing, window: month}", "{board: sharin, window: month}", "104:28: fault: there is no board `sharin`; did you mean `sharing`? [badges.champion.rank.board]"),
    ("{board: sharing, window: month}", "{board: sharing, window: day}", "104:45: fault: `sharing` is not kept for `day`; expected one of all, month, quarter, week, year, or add it to the board's `windows` [badges.champion.rank.window]"),
    ("tenure: year, levels", "tenure: year, score: {count: talk.presented}, levels", "103:3: fault: a badge is of one kind; found `score` and `tenure`: keep one of them, or make two badges of it [badges.old-hand]"),
    ("  thanked: {title: Given by hand, retired: true}", "  thanked: {title: Given by hand, at: 1}", "106:3: fault: `at` needs something to count: add `score`, or take `at` out for a badge given by hand [badges.thanked]"),
    ("  climb: {title", "  burst: {title", "109:3: fault: `burst` is a badge already, and messages name both alike: give the ladder another id [levels.burst]"),
    ('"3": 1000}', '"3": 100}', "109:60: fault: two levels have the same number; each needs one of its own [levels.climb.steps]"),
    ("karma: 25}\n    days", "karma: data.attendees}\n    days", "55:37: fault: `data.attendees` may be absent (the schema does not require it): write `has(data.attendees) ? data.attendees : 0` (for acme.lunch_and_learn.hosted, talk.presented) [rules.lunch.award.karma]"),
    ("  book: {title: A book, price: 120}", "  book: {title: A book, price: }", "117:25: fault: expected a whole number, got nothing; leave the field out where there is nothing to say [shop.book.price]"),
    ("rules:\n  review:", "rulez:\n  review:", "43:1: fault: `rulez` is not known here; did you mean `rules`? [rulez]"),
    ("  post: {was", "\tpost: {was", "66:1: fault: this is not YAML: a tab; indent with spaces"),
    ("award: 15, multiply", "award: 15: multiply", "51:44: fault: this is not YAML: a list or mapping in brackets goes on: expected `,` or its closing bracket"),
    ("title: Who shares knowledge", "title: Who shares: knowledge", "70:22: fault: this is not YAML: a colon where no field can begin: put the text in quotes, or mend the indentation"),
    ("shop:\n", "boards:\n", "116:1: fault: `boards` stands twice; the first is in line 68; keep one of them [boards]"),
    ("all_of: [many-minds,", "all_of: [climb.2, many-minds,", "102:26: fault: `climb` is a ladder, and a collection is of badges: make a badge of what it counts [badges.all-rounder.all_of[0]]"),
    ("any_of: [steady, burst], need: 1", "any_of: [steady, many-minds], need: 1", "102:85: fault: `many-minds` stands in `all_of` already, so it is no choice; keep one of them [badges.all-rounder.any_of[1]]"),
    ("all_of: [many-minds,", "all_of: [burst.gold, many-minds,", "102:26: fault: `burst` has no levels; name it alone: `burst` [badges.all-rounder.all_of[0]]"),
    ("was: article,", "was: [article, post],", "66:25: fault: `post` is its id still; `was` names the ids it had before [rules.post.was[1]]"),
    ("attended:\n", "attended:\n    was: article\n", "67:15: fault: `article` became `attended` already; one rule can follow it [rules.post.was]"),
    ("by: [member, team, community]", "by: [member, team, team]", "74:24: fault: `team` stands twice; keep one of them [boards.sharing.by[2]]"),
    ("  hackweek: {from: 2026-10-05, to: 2026-10-09}", "  hackweek: {from: 2026-10-05, to: 2027-10-09}", "20:3: fault: a season has at most 366 days; make two of it [seasons.hackweek]"),
    ("quickest:\n    score: {sum: data.hours", "quickest:\n    by: [team]\n    per_head: true\n    score: {best: data.hours", "83:15: fault: `per_head` divides what all of a group did, and a `best` is what one member reached: take it out [boards.quickest.per_head]"),
    ('when: "!has(data.lines_changed) || data.lines_changed >= 5"', 'when: tem(subject) == "ops"', "47:14: fault: there is no function `tem`: did you mean `team`? (for code_review.given) [rules.review.when]"),
    ('when: "!has(data.lines_changed) || data.lines_changed >= 5"', 'when: community(subject) == "ops"', '47:30: fault: a list and a text cannot be compared by `==`: write `"ops" in community(subject)` (for code_review.given) [rules.review.when]'),
    ('when: "!has(data.lines_changed) || data.lines_changed >= 5"', 'when: has(data.topic) && team(data.topic + "x") == "ops"', "47:34: fault: `team` takes `subject` or a field such as `data.author`, nothing worked out (for code_review.given) [rules.review.when]"),
    ("by: [member, team, community]", "by: [team, community]", "104:28: fault: `sharing` has groups alone, and a badge is a member's: add `member` to its `by` [badges.champion.rank.board]"),
    ("first: 10, secret: true", "first: 10, secret: true, each: data.topic", "105:3: fault: `first` and `each` do not go together: take one of them out [badges.pioneer]"),
    ("first: 10, secret: true", "first: 10, secret: true, valid: 90d", "105:3: fault: `first` and `valid` do not go together: take one of them out [badges.pioneer]"),
    ("for: everyone, score: {count: question.answered}", "for: evryone, score: {count: question.answered}", "112:52: fault: `evryone` is no kind of group; did you mean `everyone`? [challenges.autumn.for]"),
    ("from: 2026-09-01, to: 2026-11-30, goal: 100", "from: 2026-12-01, to: 2026-11-30, goal: 100", "112:3: fault: the challenge ends before it begins: `to` is earlier than `from`; mend one of them [challenges.autumn]"),
    ("from: 2026-09-01, to: 2026-11-30, goal: 100", "from: 2026-09-01, goal: 100", "112:3: fault: when is it? add `from` and `to`, its first and its last day, or `every: month` [challenges.autumn]"),
    ("goal: 100, reward: {points: 25}", "reward: {points: 25}, goal: 100, by_rank: [5]", "112:3: fault: everyone together has no rank: take `by_rank` out, or make it `for: member` [challenges.autumn]"),
    ("goal: 100, reward: {points: 25}", "reward: {points: 25}", "112:3: fault: nothing to reach: add `goal: N`, or `by_rank: [50, 30, 20]`, points by place [challenges.autumn]"),
    ("every: month, opt_in: true, goal: 3, by_rank: [30, 20, 10]", "every: month, opt_in: true", "113:3: fault: nothing to reach: add `goal: N`, or `by_rank: [50, 30, 20]`, points by place [challenges.sprint]"),
    ("every: month, opt_in: true, goal: 3,", "every: month, opt_in: true, goal: 2.5,", "113:3: fault: 2.5 has more decimal places than its score, which keeps 0 [challenges.sprint]"),
    ("score: {points: [lunch]}, every: month", "score: {points: [lunch, autumn]}, every: month", "113:51: fault: `autumn` is a challenge, and none counts what another one gives: name rules [challenges.sprint.score.points[1]]"),
    ("score: {points: [lunch]}, every: month", "score: {points: [lunhc]}, every: month", "113:44: fault: `lunhc` is no rule; did you mean `lunch`? [challenges.sprint.score.points[0]]"),
    ("every: month, opt_in: true, goal", "every: monthly, opt_in: true, goal", "113:60: fault: expected week, month, quarter or year, got a text (monthly); did you mean `month`? [challenges.sprint.every]"),
    ("by_rank: [30, 20, 10]", "by_rank: {1: 30, 2: 20}", "113:90: fault: expected a list such as [a, b], got a mapping [challenges.sprint.by_rank]"),
    ("  sprint: {title: Sprint", "  review: {title: Sprint", "113:3: fault: `review` is a rule already, and `points` names both alike: give the challenge another id [challenges.review]"),
    ("score: {points: [review, mentor]}, steps", "score: {points: [review, mentor, sprint], when: has(data.topic)}, steps", "109:67: fault: `points` names a challenge, which is no event that `when` could look at: take one of the two out [levels.climb.score.when]"),
    ("    windows: [week, month, all]\n    league", "    windows: [month, all]\n    league", "80:5: fault: a league is played by members, week by week: add `week` to the board's `windows` [boards.people-helped.league]"),
    ("tiers: [bronze, silver, gold], size: 30", "tiers: [bronze, silver, bronze], size: 30", "80:14: fault: two tiers have the same name; each needs one of its own [boards.people-helped.league.tiers]"),
    ("size: 30, promote: 5", "size: 30, promote: 30", "80:5: fault: `promote` has to be lower than `size`, or everybody would go up; mend one of them [boards.people-helped.league]"),
    ("size: 30, promote: 5", "size: 30, promoted: 5", "80:55: fault: `promoted` is not known here; did you mean `promote`? [boards.people-helped.league.promoted]"),
    ("  community: {}", "  community: {}\n  everyone: {}", "18:3: fault: `everyone` is no kind of group, as `for: everyone` means all members together: give it another name [groups.everyone]"),
]  # fmt: skip


def said_of(text: str) -> dict[tuple[str, str, str], str]:
    """Every fault and warning; told apart without lines, which move."""
    return {(fault.code, fault.path, fault.message): str(fault) for fault in check(text, "r").faults}


def test_the_rulebook_itself_is_sound() -> None:
    assert said_of(RICH) == {}


@pytest.mark.parametrize(("old", "new", "message"), BROKEN)
def test_a_broken_rulebook_says_one_thing_and_where_and_what_to_do(old: str, new: str, message: str) -> None:
    assert RICH.count(old) == 1
    said = said_of(RICH.replace(old, new))
    assert list(said.values()) == [f"r:{message}"]


def test_all_that_is_wrong_is_found_in_one_run() -> None:
    text, wanted, lines = RICH, set[str](), set[str]()
    for old, new, message in BROKEN:
        line, _, what = message.partition(":")
        is_plain = (
            "\n" not in old + new and ": fault: " in message and "YAML" not in message and ".data." not in message
        )
        if is_plain and text.count(old) == 1 and line not in lines:
            text = text.replace(old, new)
            lines.add(line)
            wanted.add(re.sub(r"^\d+: ", "", what))
    assert len(wanted) > 40
    said = {re.sub(r"^r:\d+:\d+: ", "", each) for each in said_of(text).values()}
    assert wanted - said == set()
