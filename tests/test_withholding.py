"""Groups that are too small cannot be subtracted: nothing is shown that with other groups would leave one of them."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from engine.withholding import Group, pairs_of, withheld

APART = {"team": True, "place": True}
SMALLEST = 5


def sets_of(*people: tuple[int, Mapping[str, str]]) -> dict[Group, set[int]]:
    """The members of groups; each of the arguments is how many people belong to which groups, by kind."""
    found: dict[Group, set[int]] = {}
    members = iter(range(10_000))
    for count, groups in people:
        for member in (next(members) for _ in range(count)):
            for group in groups.items():
                found.setdefault(group, set()).add(member)
    return found


def kept_back(groups: Mapping[Group, set[int]], kinds: Mapping[str, bool] = APART) -> set[str]:
    """The names of the groups that are withheld."""
    belong: dict[int, set[Group]] = {}
    for group, members in groups.items():
        for member in members:
            belong.setdefault(member, set()).add(group)
    shared: defaultdict[Group, Counter[Group]] = defaultdict(Counter)
    for kind, group, other_kind, other_group in (pair for each in belong.values() for pair in pairs_of(each)):
        shared[kind, group][other_kind, other_group] += 1
        shared[other_kind, other_group][kind, group] += 1
    sizes = {group: len(members) for group, members in groups.items()}
    return {group for _, group in withheld(sizes, shared, kinds, SMALLEST)}


def test_the_smallest_of_the_others_is_withheld_where_a_whole_holds_one_small_group() -> None:
    whole = {"place": "here"}
    teams = [(8, {"team": "a"}), (6, {"team": "b"}), (2, {"team": "c"})]
    assert kept_back(sets_of(*((count, {**whole, **team}) for count, team in teams))) == {"b"}


def test_nothing_is_withheld_where_the_rest_is_large_enough_or_nobody() -> None:
    whole = {"place": "here"}
    large = [(8, {"team": "a"}), (2, {"team": "c"}), (3, {"team": "d"})]
    assert kept_back(sets_of(*((count, {**whole, **team}) for count, team in large))) == set()
    assert kept_back(sets_of((8, {**whole, "team": "a"}), (7, {**whole, "team": "b"}))) == set()
    assert kept_back(sets_of((8, {"team": "a"}), (2, {"team": "c"}))) == set()


def test_members_without_a_team_are_as_a_small_team() -> None:
    assert kept_back(sets_of((8, {"place": "here", "team": "a"}), (1, {"place": "here"}))) == {"a"}


def test_all_groups_of_a_kind_together_may_leave_a_small_one_too() -> None:
    across = [
        (7, {"place": "here", "team": "a"}),
        (7, {"place": "there", "team": "a"}),
        (6, {"place": "there", "team": "b"}),
        (9, {"place": "here", "team": "d"}),
        (2, {"place": "here", "team": "c"}),
    ]
    assert kept_back(sets_of(*across)) == {"b"}


def test_of_groups_that_overlap_one_is_withheld_that_lies_within_another() -> None:
    kinds = {"team": True, "guild": False}
    guilds = sets_of((7, {"guild": "all"}), (2, {"guild": "all"}))
    guilds["guild", "most"] = set(range(7))
    assert kept_back(guilds, kinds) == {"most"}
    guilds["guild", "most"] = set(range(4))
    assert kept_back(guilds, kinds) == set()
    assert kept_back(sets_of((7, {"team": "a", "guild": "go"}), (2, {"guild": "go"})), kinds) == {"a"}


def test_kinds_by_which_no_board_is_kept_count_for_nothing() -> None:
    teams = sets_of((8, {"place": "here", "team": "a"}), (2, {"place": "here", "team": "c"}))
    assert kept_back(teams, {"team": True}) == set()


groups = st.fixed_dictionaries(
    {}, optional={"team": st.sampled_from("abcd"), "place": st.sampled_from("xyz"), "guild": st.sampled_from("uv")}
)


@given(people=st.lists(groups, max_size=40))
def test_no_group_that_is_shown_leaves_a_small_rest_without_those_within_it(people: list[dict[str, str]]) -> None:
    kinds = {**APART, "guild": True}
    sets = sets_of(*((1, each) for each in people))
    withheld_ = kept_back(sets, kinds)
    shown = {group: members for group, members in sets.items() if len(members) >= SMALLEST}
    assert withheld_ <= {group for _, group in shown}
    shown = {group: members for group, members in shown.items() if group[1] not in withheld_}
    for kind in kinds:
        for whole in [*shown.values(), *together(shown, kind)]:
            for other in kinds:
                inside = [members for (each, _), members in shown.items() if each == other and members < whole]
                assert not inside or not 0 < len(whole.difference(*inside)) < SMALLEST


def together(shown: Mapping[Group, set[int]], kind: str) -> list[set[int]]:
    """All groups of a kind as one, where they are all that there are."""
    everyone = set[int]().union(*shown.values())
    union = set[int]().union(*(members for (each, _), members in shown.items() if each == kind))
    return [union] if union == everyone else []
