"""The score: what the one statement computes is the formula as it is written down, and keeps its promises."""

import math
import random
from collections import defaultdict
from typing import Any
from uuid import UUID

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.product.guild import (
    CATEGORIES,
    PROOFS,
    Bid,
    Contractor,
    Guild,
    Review,
    bids,
    contractors,
    reviews,
)
from tests.product.profiles import PROFILE

pytest_plugins = ("tests.product.ranking_fixtures",)
YEAR_S, HOUR_S = 365 * 86_400, 3600
MARKS = ("score", "quality", "experience", "responsiveness", "verification")
everybody = contractors()


def _weight(age_s: float) -> float:
    return float(0.5 ** min(max(age_s, 0) / YEAR_S, 60))


def _speed(time_s: float) -> float:
    return float(0.5 ** min(time_s / (12 * HOUR_S), 60))


def _priors(guild: list[Contractor]) -> dict[UUID | None, float]:
    """By trade: its mean, with 20 reviews of everybody's mean, which begins with 20 of four stars."""
    weight: defaultdict[UUID | None, float] = defaultdict(float)
    stars: defaultdict[UUID | None, float] = defaultdict(float)
    for one in guild:
        for review in one.reviews:
            weight[one.category] += _weight(review.age_s) * review.is_verified
            stars[one.category] += _weight(review.age_s) * review.is_verified * review.rating
    mean = (sum(stars.values()) + 20 * 4.0) / (sum(weight.values()) + 20)
    lent = {one.category: (stars[one.category] + 20 * mean) / (weight[one.category] + 20) for one in guild}
    return {category: min(max(prior, 3.5), 4.5) for category, prior in lent.items()}


def _by_hand(one: Contractor, prior: float) -> dict[str, float]:
    """The components of docs/decisions/0011, in hundredths, written for reading."""
    counted = [review for review in one.reviews if review.is_verified]
    weight = sum(_weight(review.age_s) for review in counted)
    stars = (sum(_weight(review.age_s) * review.rating for review in counted) + 10 * prior) / (weight + 10)
    invited = [bid for bid in one.bids if bid.reply_s is not None or bid.age_s >= 72 * HOUR_S]
    times_s = [bid.reply_s for bid in invited if bid.reply_s is not None]
    speed = (sum(_speed(time_s) for time_s in times_s) + 2.5) / (len(times_s) + 5)
    rate = (len(times_s) + 5) / (len(invited) + 10)
    points = {"identity": 40, "licence": 30, "insurance": 30}
    return {
        "quality": 10_000 * (stars - 1) / 4,
        "experience": 10_000 * min(1, math.log(1 + one.projects) / math.log(51)),
        "responsiveness": 10_000 * rate * (1 + speed) / 2,
        "verification": 100 * sum(points[proof] for proof in one.proofs),
    }


@PROFILE
@given(guild_of=everybody)
def test_the_statement_computes_the_formula_as_it_is_written_down(
    guild: Guild, guild_of: list[Contractor]
) -> None:
    """
    Each component to a hundredth; the score exactly, from the components that are shown.

    Weights and speeds are whole millionths before they are added: a sum of fractions depends on the order.
    """
    priors = _priors(guild_of)
    found = guild.judge(guild_of)
    assert set(found) == {one.number for one in guild_of}
    for one in guild_of:
        row = found[one.number]
        for name, value in _by_hand(one, priors[one.category]).items():
            assert abs(row[name] - value) <= 1, f"{name} of {one}"
        weighed = 40 * row["quality"] + 30 * row["experience"]
        weighed += 15 * row["responsiveness"] + 15 * row["verification"]
        assert row["score"] == (weighed + 50) // 100
        counted = [review for review in one.reviews if review.is_verified]
        times_s = [bid.reply_s for bid in one.bids if bid.reply_s is not None]
        assert (row["reviews"], row["replies"]) == (len(counted), len(times_s))
        assert row["review_weight"] == sum(round(1e6 * _weight(review.age_s)) for review in counted)
        assert row["reply_speed"] == sum(round(1e6 * _speed(time_s)) for time_s in times_s)
        assert abs(row["prior"] - 1e6 * priors[one.category]) <= 10
        assert [row[f"has_{proof}"] for proof in PROOFS] == [proof in one.proofs for proof in PROOFS]


@PROFILE
@given(guild_of=everybody)
def test_scores_and_components_lie_between_0_and_100_and_ranks_follow_them(
    guild: Guild, guild_of: list[Contractor]
) -> None:
    """Who scores alike stands in the order of ids, so that the order is always the same."""
    rows = list(guild.judge(guild_of).values())
    assert all(0 <= row[mark] <= 10_000 for row in rows for mark in MARKS)
    assert [row["rank"] for row in rows] == list(range(1, len(guild_of) + 1))
    assert rows == sorted(rows, key=lambda row: (-row["score"], row["contractor_id"].int))


@PROFILE
@given(guild_of=everybody, shuffle=st.randoms(use_true_random=False))
def test_the_order_in_which_things_were_written_changes_nothing(
    guild: Guild, guild_of: list[Contractor], shuffle: random.Random
) -> None:
    """Also with other ids of reviews, projects and bids: not one byte."""

    def mixed(rows: list[Any]) -> list[Any]:
        return shuffle.sample(rows, len(rows))

    assert repr(guild.judge(guild_of)) == repr(guild.judge(guild_of, mixed))


@PROFILE
@given(guild_of=everybody, data=st.data())
def test_a_better_review_never_lowers_the_quality(
    guild: Guild, guild_of: list[Contractor], data: st.DataObject
) -> None:
    """One star more in any review, or one more review of five stars, of whatever age."""
    one = data.draw(st.sampled_from(guild_of))
    more = data.draw(reviews)
    better = (*one.reviews, Review(5, more.age_s, more.is_verified))
    worse = [place for place, review in enumerate(one.reviews) if review.rating < 5]
    place = data.draw(st.sampled_from([None, *worse]))
    if place is not None:
        old = one.reviews[place]
        raised = Review(old.rating + 1, old.age_s, old.is_verified)
        better = (*one.reviews[:place], raised, *one.reviews[place + 1 :])
    _assert_no_worse(guild, guild_of, one, one.but(reviews=better), "quality")


@PROFILE
@given(guild_of=everybody, data=st.data())
def test_another_completed_project_never_lowers_the_experience(
    guild: Guild, guild_of: list[Contractor], data: st.DataObject
) -> None:
    one = data.draw(st.sampled_from(guild_of))
    _assert_no_worse(guild, guild_of, one, one.but(projects=one.projects + 1), "experience")


@PROFILE
@given(guild_of=contractors(bids=st.lists(bids, min_size=1, max_size=6).map(tuple)), data=st.data())
def test_a_faster_reply_and_a_reply_at_all_never_lower_the_responsiveness(
    guild: Guild, guild_of: list[Contractor], data: st.DataObject
) -> None:
    """A late reply is better than none once the invitation has had its time."""
    one = data.draw(st.sampled_from(guild_of))
    place = data.draw(st.sampled_from(range(len(one.bids))))
    old = one.bids[place]
    assume(old.reply_s is not None or old.age_s >= 72 * HOUR_S)
    reply_s = data.draw(st.floats(0, 90 * 86_400 if old.reply_s is None else old.reply_s))
    better = (*one.bids[:place], Bid(old.age_s, reply_s), *one.bids[place + 1 :])
    _assert_no_worse(guild, guild_of, one, one.but(bids=better), "responsiveness")


def _assert_no_worse(
    guild: Guild, guild_of: list[Contractor], one: Contractor, better: Contractor, mark: str
) -> None:
    before = guild.judge(guild_of)[one.number]
    after = guild.judge([better if each is one else each for each in guild_of])[one.number]
    assert after[mark] >= before[mark]
    assert after["score"] >= before["score"]


@PROFILE
@given(
    others=contractors(),
    crowds=st.tuples(*[st.tuples(st.integers(1, 5), st.integers(0, 300))] * 2),
    years=st.floats(0, 10),
    trades=st.tuples(*[st.sampled_from(CATEGORIES)] * 2),
    projects=st.integers(0, 60),
)
def test_one_review_of_five_stars_never_beats_a_hundred_of_four_point_eight(
    guild: Guild,
    others: list[Contractor],
    crowds: tuple[tuple[int, int], tuple[int, int]],
    years: float,
    trades: tuple[UUID, UUID],
    projects: int,
) -> None:
    """
    All of one age and everything else alike, whoever else is there.

    In one trade at any age; in two, whatever they lend, within the year after which reviews weigh half.
    """
    age_s = years * YEAR_S if trades[0] == trades[1] else years / 10 * YEAR_S
    alike = Contractor(1001, trades[0], reviews=(Review(5, age_s),), projects=projects)
    proven = alike.but(number=1002, category=trades[1], reviews=_hundred(age_s))
    crowd = [
        Contractor(2000 + place, trade, reviews=(Review(rating),) * count)
        for place, (trade, (rating, count)) in enumerate(zip(CATEGORIES, crowds, strict=True))
    ]
    found = guild.judge([*others, *crowd, alike, proven])
    assert found[1001]["quality"] <= found[1002]["quality"]
    assert found[1001]["score"] <= found[1002]["score"]


def _hundred(age_s: float) -> tuple[Review, ...]:
    return (*[Review(5, age_s)] * 80, *[Review(4, age_s)] * 20)


def test_also_where_one_trade_lends_as_much_and_the_other_as_little_as_it_may(guild: Guild) -> None:
    good, bad = CATEGORIES
    for age_s in (0.0, float(YEAR_S)):
        found = guild.judge(
            [
                Contractor(1, good, reviews=(Review(5),) * 500),
                Contractor(2, bad, reviews=(Review(1),) * 2000),
                Contractor(1001, good, reviews=(Review(5, age_s),)),
                Contractor(1002, bad, reviews=_hundred(age_s)),
            ]
        )
        assert (found[1001]["prior"], found[1002]["prior"]) == (4_500_000, 3_500_000)
        assert found[1001]["quality"] < found[1002]["quality"]


def test_a_fresh_review_of_five_stars_does_not_beat_a_hundred_that_are_five_years_old(guild: Guild) -> None:
    others = [Contractor(number, reviews=(Review(5),) * 10) for number in range(1, 30)]
    single, proven = Contractor(1001, reviews=(Review(5),)), Contractor(1002, reviews=_hundred(5 * YEAR_S))
    found = guild.judge([*others, single, proven])
    assert found[1001]["prior"] == 4_500_000, "the trade lends as much as it may"
    assert found[1001]["quality"] < found[1002]["quality"]


def test_a_review_weighs_half_after_a_year_and_nothing_ages_backwards(guild: Guild) -> None:
    ages = {1: 0.0, 2: float(YEAR_S), 3: 2.0 * YEAR_S, 4: -5.0 * 86_400}
    found = guild.judge([Contractor(number, reviews=(Review(5, age_s),)) for number, age_s in ages.items()])
    weights = {number: row["review_weight"] for number, row in found.items()}
    assert weights == {1: 1_000_000, 2: 500_000, 3: 250_000, 4: 1_000_000}


def test_only_verified_reviews_and_completed_projects_count(guild: Guild) -> None:
    told = Contractor(1, reviews=(Review(1, is_verified=False),) * 50, open_projects=9)
    found = guild.judge([told, Contractor(2)])
    assert [found[1][name] for name in (*MARKS, "reviews", "projects")] == [
        found[2][name] for name in (*MARKS, "reviews", "projects")
    ]


def test_an_invitation_counts_once_it_was_answered_or_had_three_days(guild: Guild) -> None:
    found = guild.judge(
        [
            Contractor(1, bids=(Bid(71.9 * HOUR_S), Bid(HOUR_S, 60))),
            Contractor(2, bids=(Bid(72 * HOUR_S), Bid(HOUR_S, 60))),
        ]
    )
    counted = {number: (row["invitations"], row["replies"]) for number, row in found.items()}
    assert counted == {1: (1, 1), 2: (2, 1)}


def test_ages_and_times_out_of_all_measure_stop_nothing(guild: Guild) -> None:
    """2^−x underflows beyond x = 1074, and a whole number of seconds ends after 68 years."""
    century_s = 100.0 * YEAR_S
    old = Contractor(
        1, reviews=(Review(5, 5 * century_s),), bids=(Bid(century_s, century_s), Bid(2 * YEAR_S, YEAR_S))
    )
    row = guild.judge([old])[1]
    assert (row["review_weight"], row["reply_speed"], row["replies"]) == (0, 0, 2)
    assert row["stars"] == row["prior"]


def test_everything_full_is_a_hundred_but_for_what_is_lent(guild: Guild) -> None:
    perfect = Contractor(
        1,
        reviews=(Review(5),) * 2000,
        bids=(Bid(HOUR_S, 0),) * 2000,
        projects=50,
        proofs=frozenset(PROOFS),
    )
    row = guild.judge([perfect])[1]
    assert (row["experience"], row["verification"]) == (10_000, 10_000)
    assert 9_950 <= row["score"] < 10_000
