"""What lives are drawn from: rulebooks, people under several names, and what a hostile sender would write."""

from typing import Any

from hypothesis import strategies as st

RED, BLUE = ("team", "red"), ("team", "blue")

PEOPLE: dict[str, tuple[str, str, tuple[tuple[str, str], ...]]] = {
    "anna": ("anna", "HERE", (RED,)),
    "a.smith": ("anna", "HERE", (RED,)),
    "ben": ("ben", "HERE", (RED,)),
    "cleo": ("cleo", "HERE", (BLUE,)),
    "zoe": ("zoe", "HERE", (BLUE,)),
    "robot": ("robot", "BOT", ()),
    "gone": ("gone", "FORMER", ()),
    "team:red": ("team:red", "GROUP", (RED,)),
}
"""By id as it is written: the member, what they are, and their groups. Eve comes and goes, zoe turns out to be cleo."""

MEMBERS = st.sampled_from(["anna", "ben", "cleo"])
"""Who is always here."""
CYRILLIC = "\N{CYRILLIC SMALL LETTER A}nna"
ANYBODY = st.sampled_from(
    ["anna", "ben", "cleo", "eve", "zoe", "a.smith", "ANNA", "A.Smith", "robot", "gone", "team:red", "nobody", CYRILLIC]
)
HOSTILE = st.sampled_from([0, -1, 0.5, 5.0, 1e3, "5", 2**53, 2**63, True, None, float("nan")])
SMALL = st.integers(1, 25)

_PER = st.sampled_from(["day", "week", "month"])
_AT_CEILING = st.sampled_from(["refuse", "queue"])

_GIFT_LIMITS = st.lists(
    st.one_of(
        st.fixed_dictionaries({"per": st.just("gift"), "karma": st.integers(10, 40)}),
        st.fixed_dictionaries({"per": _PER, "karma": st.integers(30, 90)}),
        st.fixed_dictionaries({"per": _PER, "karma": st.integers(15, 50), "same": st.just("receiver")}),
        st.fixed_dictionaries({"per": _PER, "karma": st.integers(20, 60), "of": st.just("receiver")}),
    ),
    max_size=3,
    unique_by=lambda limit: (limit["per"], "same" in limit, "of" in limit),
)
_BUDGETS = st.lists(
    st.one_of(
        *(
            st.fixed_dictionaries(
                {"per": _PER, what: st.integers(10, 60), "at_ceiling": _AT_CEILING}, optional={"by": st.just("team")}
            )
            for what in ("minted", "redeemed")
        )
    ),
    max_size=2,
    unique_by=lambda budget: (budget["per"], "minted" in budget, "by" in budget),
)
_ALLOWANCE = st.fixed_dictionaries(
    {
        "per": st.sampled_from(["week", "month", "quarter"]),
        "karma": st.integers(40, 200),
        "on_joining": st.sampled_from(["share", "whole", "nothing"]),
    }
)
_GIFTS = st.fixed_dictionaries(
    {"limits": _GIFT_LIMITS},
    optional={"values": st.just(["help"]), "message": st.sampled_from(["required", "none"])},
)
_KARMA = st.fixed_dictionaries(
    {"worth": st.sampled_from(["0.10 EUR", "0.25 EUR"]), "allowance": _ALLOWANCE},
    optional={
        "earned_by_rule": st.sampled_from(["allowance", "earned"]),
        "earned_expires": st.sampled_from(["5d", "40d"]),
        "redeem_for_self": st.booleans(),
        "gifts": _GIFTS,
        "redeem": st.just({"limits": [{"per": "month", "worth": "4 EUR"}]}),
        "budgets": _BUDGETS,
    },
)
_NO_ALLOWANCE = _KARMA.map(lambda karma: {name: said for name, said in karma.items() if name != "allowance"})
_SHOP = st.fixed_dictionaries(
    {
        "card": st.just({"price": 12, "stock": 2, "approval": "required", "expires": "7d"}),
        "tea": st.just({"price": 3, "pay_from": ["allowance", "earned"]}),
    },
    optional={
        "book": st.just({"price": 8, "for": ["colleague"], "pay_from": ["allowance", "earned"]}),
        "cup": st.sampled_from([{"price": 2, "stock": 1}, {"price": 2, "stock": 3}, {"price": 2}]),
    },
)
REWARDS = st.sampled_from(["card", "tea", "book", "cup", "crad"])

FIRST = st.fixed_dictionaries({"shop": _SHOP, "karma": _KARMA})
LATER = st.one_of(
    *[FIRST] * 6,
    st.fixed_dictionaries({"shop": _SHOP, "karma": _NO_ALLOWANCE}),
    st.fixed_dictionaries({"shop": _SHOP}),
)


def words_of(karma: dict[str, Any] | None) -> dict[str, str]:
    """The value and the message that a rulebook asks for."""
    gifts = (karma or {}).get("gifts", {})
    found = {"value": "help"} if gifts.get("values") else {}
    return found | ({"message": "a text"} if gifts.get("message") == "required" else {})
