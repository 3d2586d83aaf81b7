"""Calendar truths, one a row: which day, week, month, quarter and year an instant lies in.

Asked of the calendar, of the boards that the fold makes, and of both on a machine whose own zone files are wrong.
"""

import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.calendar import KINDS, MONTH, YEAR, Calendar, first_day, name_of, named
from schemas.words import Day, Instant
from schemas.zones import zone
from tests.engine_driver import Engine
from tests.test_fold_cases import SPENT, book, spent

ROOT = Path(__file__).parents[1]
HOUR_MS = 3_600_000
QUARTER_MS = HOUR_MS // 4

TRUTHS_TEXT = """
# Times begin in 1970, which is 1969 in the west.
1970-01-01T00:00:00.000Z UTC 1970-01-01 1970-W01 1970-01 1970-Q1 1970 the first ms of all
1970-01-01T04:59:59.999Z America/New_York 1969-12-31 1970-W01 1969-12 1969-Q4 1969 1 ms before 1970
1970-01-01T05:00:00.000Z America/New_York 1970-01-01 1970-W01 1970-01 1970-Q1 1970 1970 begins
# 2015 and 2020 have 53 weeks, and the years after them begin in the last one.
2015-12-27T23:59:59.999Z UTC 2015-12-27 2015-W52 2015-12 2015-Q4 2015 1 ms before 2015-W53
2015-12-28T00:00:00.000Z UTC 2015-12-28 2015-W53 2015-12 2015-Q4 2015 2015-W53 begins
2015-12-31T23:59:59.999Z UTC 2015-12-31 2015-W53 2015-12 2015-Q4 2015 1 ms before 2016
2016-01-01T00:00:00.000Z UTC 2016-01-01 2015-W53 2016-01 2016-Q1 2016 2016 begins in a week of 2015
2016-01-03T23:59:59.999Z UTC 2016-01-03 2015-W53 2016-01 2016-Q1 2016 2015-W53 ends
2016-01-04T00:00:00.000Z UTC 2016-01-04 2016-W01 2016-01 2016-Q1 2016 2016-W01 begins
2020-12-27T23:59:59.999Z UTC 2020-12-27 2020-W52 2020-12 2020-Q4 2020 1 ms before 2020-W53
2020-12-28T00:00:00.000Z UTC 2020-12-28 2020-W53 2020-12 2020-Q4 2020 2020-W53 begins
2020-12-31T23:59:59.999Z UTC 2020-12-31 2020-W53 2020-12 2020-Q4 2020 1 ms before 2021
2021-01-01T00:00:00.000Z UTC 2021-01-01 2020-W53 2021-01 2021-Q1 2021 2021 begins in a week of 2020
2021-01-03T23:59:59.999Z UTC 2021-01-03 2020-W53 2021-01 2021-Q1 2021 2020-W53 ends
2021-01-04T00:00:00.000Z UTC 2021-01-04 2021-W01 2021-01 2021-Q1 2021 2021-W01 begins
2021-01-03T18:29:59.999Z Asia/Kolkata 2021-01-03 2020-W53 2021-01 2021-Q1 2021 2020-W53 ends where it is half past
2021-01-03T18:30:00.000Z Asia/Kolkata 2021-01-04 2021-W01 2021-01 2021-Q1 2021 2021-W01 begins where it is half past
# The first week of 2025 begins in 2024; 2018 begins with its first week.
2024-12-29T23:59:59.999Z UTC 2024-12-29 2024-W52 2024-12 2024-Q4 2024 2024-W52 ends
2024-12-30T00:00:00.000Z UTC 2024-12-30 2025-W01 2024-12 2024-Q4 2024 2025-W01 begins in 2024
2024-12-31T23:59:59.999Z UTC 2024-12-31 2025-W01 2024-12 2024-Q4 2024 2024 ends in a week of 2025
2025-01-01T00:00:00.000Z UTC 2025-01-01 2025-W01 2025-01 2025-Q1 2025 2025 begins
2017-12-31T23:59:59.999Z UTC 2017-12-31 2017-W52 2017-12 2017-Q4 2017 year and week end at once
2018-01-01T00:00:00.000Z UTC 2018-01-01 2018-W01 2018-01 2018-Q1 2018 year and week begin at once
# 29 February: 2000 and 2024 have one, 2100 has none.
2000-02-28T23:59:59.999Z UTC 2000-02-28 2000-W09 2000-02 2000-Q1 2000 1 ms before 29 February
2000-02-29T00:00:00.000Z UTC 2000-02-29 2000-W09 2000-02 2000-Q1 2000 29 February of a whole century
2000-02-29T23:59:59.999Z UTC 2000-02-29 2000-W09 2000-02 2000-Q1 2000 29 February ends
2000-03-01T00:00:00.000Z UTC 2000-03-01 2000-W09 2000-03 2000-Q1 2000 March after 29 February
2024-02-28T23:59:59.999Z UTC 2024-02-28 2024-W09 2024-02 2024-Q1 2024 1 ms before 29 February
2024-02-29T00:00:00.000Z UTC 2024-02-29 2024-W09 2024-02 2024-Q1 2024 29 February
2024-02-29T23:59:59.999Z UTC 2024-02-29 2024-W09 2024-02 2024-Q1 2024 29 February ends
2024-03-01T00:00:00.000Z UTC 2024-03-01 2024-W09 2024-03 2024-Q1 2024 March after 29 February
2100-02-28T23:59:59.999Z UTC 2100-02-28 2100-W08 2100-02 2100-Q1 2100 the last of February
2100-03-01T00:00:00.000Z UTC 2100-03-01 2100-W09 2100-03 2100-Q1 2100 no 29 February
# Borders where it is another day in UTC.
2024-05-15T18:14:59.999Z Asia/Kathmandu 2024-05-15 2024-W20 2024-05 2024-Q2 2024 1 ms before a day, +05:45
2024-05-15T18:15:00.000Z Asia/Kathmandu 2024-05-16 2024-W20 2024-05 2024-Q2 2024 a day begins, +05:45
2024-05-20T06:59:59.999Z America/Los_Angeles 2024-05-19 2024-W20 2024-05 2024-Q2 2024 1 ms before a week, -07:00
2024-05-20T07:00:00.000Z America/Los_Angeles 2024-05-20 2024-W21 2024-05 2024-Q2 2024 a week begins, -07:00
2024-07-31T11:14:59.999Z Pacific/Chatham 2024-07-31 2024-W31 2024-07 2024-Q3 2024 1 ms before a month, +12:45
2024-07-31T11:15:00.000Z Pacific/Chatham 2024-08-01 2024-W31 2024-08 2024-Q3 2024 a month begins, +12:45
2024-06-30T13:29:59.999Z Australia/Lord_Howe 2024-06-30 2024-W26 2024-06 2024-Q2 2024 1 ms before a quarter, +10:30
2024-06-30T13:30:00.000Z Australia/Lord_Howe 2024-07-01 2024-W27 2024-07 2024-Q3 2024 a quarter begins, +10:30
2023-12-31T09:59:59.999Z Pacific/Kiritimati 2023-12-31 2023-W52 2023-12 2023-Q4 2023 1 ms before a year, +14:00
2023-12-31T10:00:00.000Z Pacific/Kiritimati 2024-01-01 2024-W01 2024-01 2024-Q1 2024 a year begins, +14:00
2024-01-01T10:59:59.999Z Pacific/Pago_Pago 2023-12-31 2023-W52 2023-12 2023-Q4 2023 1 ms before a year, -11:00
2024-01-01T11:00:00.000Z Pacific/Pago_Pago 2024-01-01 2024-W01 2024-01 2024-Q1 2024 a year begins, -11:00
# Berlin, 2024-03-31T01:00Z: +01:00 becomes +02:00, 01:59:59 is followed by 03:00:00.
2024-03-30T22:59:59.999Z Europe/Berlin 2024-03-30 2024-W13 2024-03 2024-Q1 2024 1 ms before the day of 23 hours
2024-03-30T23:00:00.000Z Europe/Berlin 2024-03-31 2024-W13 2024-03 2024-Q1 2024 the day of 23 hours begins
2024-03-31T00:59:59.999Z Europe/Berlin 2024-03-31 2024-W13 2024-03 2024-Q1 2024 1 ms before the hour that is skipped
2024-03-31T01:00:00.000Z Europe/Berlin 2024-03-31 2024-W13 2024-03 2024-Q1 2024 after the hour that is skipped
2024-03-31T21:59:59.999Z Europe/Berlin 2024-03-31 2024-W13 2024-03 2024-Q1 2024 day, week, month and quarter end
2024-03-31T22:00:00.000Z Europe/Berlin 2024-04-01 2024-W14 2024-04 2024-Q2 2024 day, week, month and quarter begin
# Berlin, 2024-10-27T01:00Z: +02:00 becomes +01:00, 02:59:59 is followed by 02:00:00.
2024-10-26T21:59:59.999Z Europe/Berlin 2024-10-26 2024-W43 2024-10 2024-Q4 2024 1 ms before the day of 25 hours
2024-10-26T22:00:00.000Z Europe/Berlin 2024-10-27 2024-W43 2024-10 2024-Q4 2024 the day of 25 hours begins
2024-10-27T00:00:00.000Z Europe/Berlin 2024-10-27 2024-W43 2024-10 2024-Q4 2024 two o'clock, first pass
2024-10-27T00:59:59.999Z Europe/Berlin 2024-10-27 2024-W43 2024-10 2024-Q4 2024 the last ms of the first pass
2024-10-27T01:00:00.000Z Europe/Berlin 2024-10-27 2024-W43 2024-10 2024-Q4 2024 two o'clock, second pass
2024-10-27T01:59:59.999Z Europe/Berlin 2024-10-27 2024-W43 2024-10 2024-Q4 2024 the last ms of the second pass
2024-10-27T22:59:59.999Z Europe/Berlin 2024-10-27 2024-W43 2024-10 2024-Q4 2024 day and week end
2024-10-27T23:00:00.000Z Europe/Berlin 2024-10-28 2024-W44 2024-10 2024-Q4 2024 day and week begin
# Havana, 2024-03-10T05:00Z: -05:00 becomes -04:00, 23:59:59 is followed by 01:00:00.
2024-03-10T04:59:59.999Z America/Havana 2024-03-09 2024-W10 2024-03 2024-Q1 2024 1 ms before midnight is skipped
2024-03-10T05:00:00.000Z America/Havana 2024-03-10 2024-W10 2024-03 2024-Q1 2024 a day begins at one o'clock
2024-03-11T03:59:59.999Z America/Havana 2024-03-10 2024-W10 2024-03 2024-Q1 2024 day and week end
2024-03-11T04:00:00.000Z America/Havana 2024-03-11 2024-W11 2024-03 2024-Q1 2024 day and week begin
# Havana, 2024-11-03T05:00Z: -04:00 becomes -05:00, 00:59:59 is followed by 00:00:00.
2024-11-03T03:59:59.999Z America/Havana 2024-11-02 2024-W44 2024-11 2024-Q4 2024 1 ms before the first midnight
2024-11-03T04:00:00.000Z America/Havana 2024-11-03 2024-W44 2024-11 2024-Q4 2024 midnight, first pass
2024-11-03T04:59:59.999Z America/Havana 2024-11-03 2024-W44 2024-11 2024-Q4 2024 1 ms before the second midnight
2024-11-03T05:00:00.000Z America/Havana 2024-11-03 2024-W44 2024-11 2024-Q4 2024 midnight, second pass
2024-11-04T04:59:59.999Z America/Havana 2024-11-03 2024-W44 2024-11 2024-Q4 2024 day and week end
2024-11-04T05:00:00.000Z America/Havana 2024-11-04 2024-W45 2024-11 2024-Q4 2024 day and week begin
# Cairo, 2024-04-25T22:00Z: +02:00 becomes +03:00, 23:59:59 is followed by 01:00:00.
2024-04-25T21:59:59.999Z Africa/Cairo 2024-04-25 2024-W17 2024-04 2024-Q2 2024 1 ms before midnight is skipped
2024-04-25T22:00:00.000Z Africa/Cairo 2024-04-26 2024-W17 2024-04 2024-Q2 2024 a day begins at one o'clock
2024-04-26T20:59:59.999Z Africa/Cairo 2024-04-26 2024-W17 2024-04 2024-Q2 2024 its last ms, 23 hours later
2024-04-26T21:00:00.000Z Africa/Cairo 2024-04-27 2024-W17 2024-04 2024-Q2 2024 the day after
# Cairo, 2024-10-31T21:00Z: +03:00 becomes +02:00, 23:59:59 is followed by 23:00:00.
2024-10-31T20:59:59.999Z Africa/Cairo 2024-10-31 2024-W44 2024-10 2024-Q4 2024 the last hour, first pass, ends
2024-10-31T21:00:00.000Z Africa/Cairo 2024-10-31 2024-W44 2024-10 2024-Q4 2024 the last hour comes back
2024-10-31T21:59:59.999Z Africa/Cairo 2024-10-31 2024-W44 2024-10 2024-Q4 2024 day and month end
2024-10-31T22:00:00.000Z Africa/Cairo 2024-11-01 2024-W44 2024-11 2024-Q4 2024 day and month begin
# Beirut, 2024-03-30T22:00Z: +02:00 becomes +03:00, 23:59:59 is followed by 01:00:00.
2024-03-30T21:59:59.999Z Asia/Beirut 2024-03-30 2024-W13 2024-03 2024-Q1 2024 1 ms before midnight is skipped
2024-03-30T22:00:00.000Z Asia/Beirut 2024-03-31 2024-W13 2024-03 2024-Q1 2024 a day begins at one o'clock
2024-03-31T20:59:59.999Z Asia/Beirut 2024-03-31 2024-W13 2024-03 2024-Q1 2024 day, week, month and quarter end
2024-03-31T21:00:00.000Z Asia/Beirut 2024-04-01 2024-W14 2024-04 2024-Q2 2024 day, week, month and quarter begin
# Beirut, 2024-10-26T21:00Z: +03:00 becomes +02:00, 23:59:59 is followed by 23:00:00.
2024-10-26T20:59:59.999Z Asia/Beirut 2024-10-26 2024-W43 2024-10 2024-Q4 2024 the last hour, first pass, ends
2024-10-26T21:00:00.000Z Asia/Beirut 2024-10-26 2024-W43 2024-10 2024-Q4 2024 the last hour comes back
2024-10-26T21:59:59.999Z Asia/Beirut 2024-10-26 2024-W43 2024-10 2024-Q4 2024 a day of 25 hours ends
2024-10-26T22:00:00.000Z Asia/Beirut 2024-10-27 2024-W43 2024-10 2024-Q4 2024 the day after
# Santiago, 2024-09-08T04:00Z: -04:00 becomes -03:00, 23:59:59 is followed by 01:00:00.
2024-09-08T03:59:59.999Z America/Santiago 2024-09-07 2024-W36 2024-09 2024-Q3 2024 1 ms before midnight is skipped
2024-09-08T04:00:00.000Z America/Santiago 2024-09-08 2024-W36 2024-09 2024-Q3 2024 a day begins at one o'clock
2024-09-09T02:59:59.999Z America/Santiago 2024-09-08 2024-W36 2024-09 2024-Q3 2024 day and week end
2024-09-09T03:00:00.000Z America/Santiago 2024-09-09 2024-W37 2024-09 2024-Q3 2024 day and week begin
# Santiago, 2024-04-07T03:00Z: -03:00 becomes -04:00, 23:59:59 is followed by 23:00:00.
2024-04-07T02:59:59.999Z America/Santiago 2024-04-06 2024-W14 2024-04 2024-Q2 2024 the last hour, first pass, ends
2024-04-07T03:00:00.000Z America/Santiago 2024-04-06 2024-W14 2024-04 2024-Q2 2024 the last hour comes back
2024-04-07T03:59:59.999Z America/Santiago 2024-04-06 2024-W14 2024-04 2024-Q2 2024 a day of 25 hours ends
2024-04-07T04:00:00.000Z America/Santiago 2024-04-07 2024-W14 2024-04 2024-Q2 2024 the day after
# Nuuk, 2024-03-31T01:00Z: -02:00 becomes -01:00, 22:59:59 is followed by 00:00:00 of the next day; and back in autumn.
2024-03-31T00:59:59.999Z America/Nuuk 2024-03-30 2024-W13 2024-03 2024-Q1 2024 a day ends at eleven
2024-03-31T01:00:00.000Z America/Nuuk 2024-03-31 2024-W13 2024-03 2024-Q1 2024 the day after begins at midnight
2024-10-27T01:00:00.000Z America/Nuuk 2024-10-26 2024-W43 2024-10 2024-Q4 2024 the last hour comes back
2024-10-27T02:00:00.000Z America/Nuuk 2024-10-27 2024-W43 2024-10 2024-Q4 2024 the day after
# Apia, 2011-12-30T10:00Z: -10:00 becomes +14:00; 30 December is left out.
2011-12-30T09:59:59.999Z Pacific/Apia 2011-12-29 2011-W52 2011-12 2011-Q4 2011 1 ms before a day is left out
2011-12-30T10:00:00.000Z Pacific/Apia 2011-12-31 2011-W52 2011-12 2011-Q4 2011 the day after one that is left out
2011-12-31T09:59:59.999Z Pacific/Apia 2011-12-31 2011-W52 2011-12 2011-Q4 2011 1 ms before 2012
2011-12-31T10:00:00.000Z Pacific/Apia 2012-01-01 2011-W52 2012-01 2012-Q1 2012 2012 begins in a week of 2011
# Kwajalein, 1993-08-21T12:00Z: -12:00 becomes +12:00; 21 August is left out.
1993-08-21T11:59:59.999Z Pacific/Kwajalein 1993-08-20 1993-W33 1993-08 1993-Q3 1993 1 ms before a day is left out
1993-08-21T12:00:00.000Z Pacific/Kwajalein 1993-08-22 1993-W33 1993-08 1993-Q3 1993 the day after one that is left out
# Midnights that are on no quarter of an hour: Monrovia at -00:44:30, until it skipped the midnight of 1972-01-07;
# Kiritimati at -10:40.
1972-01-06T00:44:29.999Z Africa/Monrovia 1972-01-05 1972-W01 1972-01 1972-Q1 1972 1 ms before a day, -00:44:30
1972-01-06T00:44:30.000Z Africa/Monrovia 1972-01-06 1972-W01 1972-01 1972-Q1 1972 a day begins, -00:44:30
1972-01-07T00:44:29.999Z Africa/Monrovia 1972-01-06 1972-W01 1972-01 1972-Q1 1972 1 ms before midnight is skipped
1972-01-07T00:44:30.000Z Africa/Monrovia 1972-01-07 1972-W01 1972-01 1972-Q1 1972 a day begins at 00:44:30
1979-09-30T10:39:59.999Z Pacific/Kiritimati 1979-09-29 1979-W39 1979-09 1979-Q3 1979 1 ms before a day, -10:40
1979-09-30T10:40:00.000Z Pacific/Kiritimati 1979-09-30 1979-W39 1979-09 1979-Q3 1979 a day begins, -10:40
# St John's, 2006-10-29T02:31Z: -02:30 becomes -03:30, 00:00:59 is followed by 23:01:00 of the day before. The day that
# has begun stays; likewise in Goose Bay and Moncton, one minute after midnight, and in Casey, two hours after it.
2006-10-29T02:29:59.999Z America/St_Johns 2006-10-28 2006-W43 2006-10 2006-Q4 2006 1 ms before the first midnight
2006-10-29T02:30:00.000Z America/St_Johns 2006-10-29 2006-W43 2006-10 2006-Q4 2006 midnight, first pass
2006-10-29T02:30:59.999Z America/St_Johns 2006-10-29 2006-W43 2006-10 2006-Q4 2006 1 ms before clocks go back
2006-10-29T02:31:00.000Z America/St_Johns 2006-10-29 2006-W43 2006-10 2006-Q4 2006 clocks show the day before
2006-10-29T03:29:59.999Z America/St_Johns 2006-10-29 2006-W43 2006-10 2006-Q4 2006 1 ms before the second midnight
2006-10-29T03:30:00.000Z America/St_Johns 2006-10-29 2006-W43 2006-10 2006-Q4 2006 midnight, second pass
2006-10-30T03:29:59.999Z America/St_Johns 2006-10-29 2006-W43 2006-10 2006-Q4 2006 day and week end
2006-10-30T03:30:00.000Z America/St_Johns 2006-10-30 2006-W44 2006-10 2006-Q4 2006 day and week begin
2010-11-07T03:00:59.999Z America/Goose_Bay 2010-11-07 2010-W44 2010-11 2010-Q4 2010 1 ms before clocks go back
2010-11-07T03:01:00.000Z America/Goose_Bay 2010-11-07 2010-W44 2010-11 2010-Q4 2010 clocks show the day before
2006-10-29T03:00:59.999Z America/Moncton 2006-10-29 2006-W43 2006-10 2006-Q4 2006 1 ms before clocks go back
2006-10-29T03:01:00.000Z America/Moncton 2006-10-29 2006-W43 2006-10 2006-Q4 2006 clocks show the day before
2010-03-04T12:59:59.999Z Antarctica/Casey 2010-03-04 2010-W09 2010-03 2010-Q1 2010 1 ms before the first midnight
2010-03-04T13:00:00.000Z Antarctica/Casey 2010-03-05 2010-W09 2010-03 2010-Q1 2010 midnight, first pass
2010-03-04T14:59:59.999Z Antarctica/Casey 2010-03-05 2010-W09 2010-03 2010-Q1 2010 1 ms before clocks go back
2010-03-04T15:00:00.000Z Antarctica/Casey 2010-03-05 2010-W09 2010-03 2010-Q1 2010 clocks show the day before
2010-03-04T16:00:00.000Z Antarctica/Casey 2010-03-05 2010-W09 2010-03 2010-Q1 2010 midnight, second pass
"""

DAYS_TEXT = """
2024-02-29 UTC 2024-02-29T00:00:00Z 24
2024-03-01 UTC 2024-03-01T00:00:00Z 24
2024-03-31 Europe/Berlin 2024-03-30T23:00:00Z 23
2024-04-01 Europe/Berlin 2024-03-31T22:00:00Z 24
2024-10-27 Europe/Berlin 2024-10-26T22:00:00Z 25
2024-10-28 Europe/Berlin 2024-10-27T23:00:00Z 24
2021-01-01 Asia/Kolkata 2020-12-31T18:30:00Z 24
# They begin at one o'clock.
2024-03-10 America/Havana 2024-03-10T05:00:00Z 23
2024-04-26 Africa/Cairo 2024-04-25T22:00:00Z 23
2024-03-31 Asia/Beirut 2024-03-30T22:00:00Z 23
2024-09-08 America/Santiago 2024-09-08T04:00:00Z 23
# It ends at eleven.
2024-03-30 America/Nuuk 2024-03-30T02:00:00Z 23
# Midnight comes twice in them, at their beginning or at their end.
2024-11-03 America/Havana 2024-11-03T04:00:00Z 25
2024-10-31 Africa/Cairo 2024-10-30T21:00:00Z 25
2024-10-26 Asia/Beirut 2024-10-25T21:00:00Z 25
2024-04-06 America/Santiago 2024-04-06T03:00:00Z 25
2024-10-26 America/Nuuk 2024-10-26T01:00:00Z 25
# Clocks went back into the day before it, which had ended.
2006-10-28 America/St_Johns 2006-10-28T02:30:00Z 24
2006-10-29 America/St_Johns 2006-10-29T02:30:00Z 25
# Before and after the day that was left out.
2011-12-29 Pacific/Apia 2011-12-29T10:00:00Z 24
2011-12-31 Pacific/Apia 2011-12-30T10:00:00Z 24
"""

SEASONS_TEXT = """
2024-01-01 2024-12-31 UTC 2024-01-01T00:00:00Z 2025-01-01T00:00:00Z
2024-03-31 2024-10-27 Europe/Berlin 2024-03-30T23:00:00Z 2024-10-27T23:00:00Z
2024-03-10 2024-11-03 America/Havana 2024-03-10T05:00:00Z 2024-11-04T05:00:00Z
2024-04-26 2024-10-31 Africa/Cairo 2024-04-25T22:00:00Z 2024-10-31T22:00:00Z
2024-04-06 2024-09-07 America/Santiago 2024-04-06T03:00:00Z 2024-09-08T04:00:00Z
2011-12-29 2011-12-30 Pacific/Apia 2011-12-29T10:00:00Z 2011-12-30T10:00:00Z
"""


class Truth(NamedTuple):
    """An instant, and the windows it lies in somewhere: day, week, month, quarter, year."""

    at: Instant
    where: str
    windows: tuple[str, ...]


def rows(text: str, columns: int) -> list[list[str]]:
    """The rows of a table, without its remarks; what stands after the columns is the last one."""
    return [line.split(maxsplit=columns) for line in text.splitlines() if line and not line.startswith("#")]


def at(text: str) -> Instant:
    return Instant(round(datetime.fromisoformat(text).timestamp() * 1000))


def day(text: str) -> Day:
    return Day(date.fromisoformat(text).toordinal())


NAMED = {
    f"{where}: {what} ({instant})": Truth(at(instant), where, (*windows,))
    for instant, where, *windows, what in rows(TRUTHS_TEXT, 7)
}
TRUTHS = tuple(NAMED.values())
ZONES = sorted({truth.where for truth in TRUTHS})
DAYS = [tuple(row) for row in rows(DAYS_TEXT, 3)]
SEASONS = [tuple(row) for row in rows(SEASONS_TEXT, 4)]


def windows_at(calendar: Calendar, instant: Instant) -> tuple[str, ...]:
    return tuple(name_of(kind, window) for kind, window in enumerate(calendar.at(instant)[: YEAR + 1]))


@pytest.mark.parametrize("truth", NAMED.values(), ids=NAMED)
def test_an_instant_lies_in_these_windows_whatever_was_asked_before(truth: Truth) -> None:
    since = truth.at - truth.at % QUARTER_MS
    for before in (truth.at, since, since + QUARTER_MS - 1):
        calendar = Calendar(zone(truth.where))
        calendar.day(Instant(before))
        assert windows_at(calendar, truth.at) == truth.windows


@pytest.mark.parametrize(("local", "where", "start", "hours"), DAYS)
def test_a_day_has_its_first_ms_and_its_hours(local: str, where: str, start: str, hours: str) -> None:
    calendar = Calendar(zone(where))
    first, end = at(start), Instant(at(start) + int(hours) * HOUR_MS)
    assert calendar.midnight(day(local)) == first
    assert calendar.midnight(Day(day(local) + 1)) == end
    assert calendar.day(Instant(first - 1)) < day(local)
    assert calendar.day(first) == calendar.day(Instant(end - 1)) == day(local)
    assert calendar.day(end) > day(local)


@pytest.mark.parametrize("where", sorted({where for _, where, *_ in DAYS} - {"America/St_Johns"}))
def test_days_are_those_of_the_wall_on_every_half_hour_around_them(where: str) -> None:
    calendar = Calendar(zone(where))
    for start in (at(start) for _, place, start, _ in DAYS if place == where):
        for instant in range(start - 48 * HOUR_MS, start + 48 * HOUR_MS, HOUR_MS // 2):
            local = datetime.fromtimestamp(instant // 1000, tz=UTC).astimezone(zone(where)).date()
            assert calendar.day(Instant(instant)) == local.toordinal(), (where, instant)


@pytest.mark.parametrize(("month", "days"), [("2000-02", 29), ("2024-02", 29), ("1900-02", 28), ("2100-02", 28)])
def test_february_has_its_days(month: str, days: int) -> None:
    kind, window = named(month, Day(1)) or (MONTH, 0)
    assert first_day(kind, window + 1) - first_day(kind, window) == days
    assert (named(f"{month}-29", Day(1)) is None) == (days == 28)


# The boards that the fold makes of the same instants.

Scores = dict[str, dict[str, int]]
"""By board, then by window."""


def scores(where: str, instants: list[Instant], **sections: object) -> Scores:
    """What one member's events at these instants come to."""
    first = book(calendar={"timezone": where}, **sections)
    engine = Engine([first, *(spent("ann", 1, instant, number) for number, instant in enumerate(instants))], hot_ms=0)
    while not engine.at_end:
        engine.batch(1_000)
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (board, _, window), table in engine.answers(max(instants))[0].items():
        found[board][window] = table.rows[0][2]
    return dict(found)


def of_truths(where: str, step: int) -> Scores:
    """Per window how many events and how many days there were; the events come in order, or (-1) backwards."""
    windows = list(KINDS)
    return scores(
        where,
        [truth.at for truth in TRUTHS if truth.where == where][::step],
        rules={"daily": {"event": SPENT, "award": 1, "limits": [{"per": "day", "times": 1}]}},
        boards={
            "events": {"score": {"count": SPENT}, "windows": windows},
            "days": {"score": {"points": ["daily"]}, "windows": windows},
        },
    )


def expected(where: str) -> Scores:
    found = [truth.windows for truth in TRUTHS if truth.where == where]
    return {
        "events": {**Counter(window for windows in found for window in windows), "all": len(found)},
        "days": {
            **Counter(window for windows in set(found) for window in windows),
            "all": len(set(found)),
        },
    }


@pytest.mark.parametrize("step", [1, -1])
@pytest.mark.parametrize("where", ZONES)
def test_boards_and_limits_have_the_windows_of_the_table(where: str, step: int) -> None:
    assert of_truths(where, step) == expected(where)


@pytest.mark.parametrize(("since", "to", "where", "start", "end"), SEASONS)
def test_a_season_has_its_first_and_its_last_ms(since: str, to: str, where: str, start: str, end: str) -> None:
    first, after = at(start), at(end)
    found = scores(
        where,
        [Instant(first - 1), first, Instant(after - 1), after],
        seasons={"s": {"from": since, "to": to}},
        rules={"in-season": {"event": SPENT, "award": 1, "season": "s"}},
        boards={
            "events": {"score": {"count": SPENT}, "windows": ["all"], "seasons": ["s"]},
            "points": {"score": {"points": ["in-season"]}, "windows": ["all"]},
        },
    )
    assert found == {"events": {"s": 2, "all": 4}, "points": {"all": 2}}


# The same on a machine with other zone files.

ELSEWHERE = """
import json, sys, zoneinfo
from datetime import datetime
try:
    held = zoneinfo.ZoneInfo("Europe/Berlin")
    system = str(datetime(2024, 7, 1, tzinfo=held).utcoffset())
except ValueError:
    system = "broken"
from tests.test_calendar_truths import answers
json.dump([system, answers()], sys.stdout)
"""
"""What the system says of Berlin is asked first, and held: `zoneinfo` then gives the same to all who ask by name."""


def answers() -> list[object]:
    """Every answer of this file, as JSON holds it."""
    calendars = {where: Calendar(zone(where)) for where in ZONES}
    starts = [calendars.get(where, Calendar(zone(where))).midnight(day(local)) for local, where, *_ in DAYS]
    windows = [list(windows_at(calendars[truth.where], truth.at)) for truth in TRUTHS]
    return [starts, windows, [of_truths(where, 1) for where in ZONES]]


@pytest.mark.parametrize(
    ("content", "system"),
    [
        pytest.param(files("tzdata").joinpath("zoneinfo", "UTC").read_bytes(), "0:00:00", id="every zone is UTC"),
        pytest.param(b"no zone", "broken", id="every file is broken"),
        pytest.param(None, "2:00:00", id="no files"),
    ],
)
def test_answers_are_the_same_under_another_zone_database(tmp_path: Path, content: bytes | None, system: str) -> None:
    if content is not None:
        for where in ZONES:
            (tmp_path / where).parent.mkdir(exist_ok=True)
            (tmp_path / where).write_bytes(content)
    env = {**os.environ, "PYTHONTZPATH": str(tmp_path), "TZ": "XYZ-13:37"}
    run = subprocess.run([sys.executable, "-c", ELSEWHERE], cwd=ROOT, env=env, capture_output=True, check=True)
    assert json.loads(run.stdout) == [
        system,
        [
            [at(start) for _, _, start, _ in DAYS],
            [list(truth.windows) for truth in TRUTHS],
            [expected(where) for where in ZONES],
        ],
    ]
