"""Secrets of the page: codes, sessions and rates, on a clock that the test moves."""

from __future__ import annotations

from dataclasses import dataclass, field

from moodspeaker.web.sessions import (
    ADDRESSES,
    CODE_SECONDS,
    EACH,
    GUESSES,
    SELDOM,
    SESSION_SECONDS,
    Rate,
    Secrets,
)


@dataclass
class Clock:
    """Both clocks, and a chance that counts."""

    at: float = 1000.0
    drawn: list[int] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    def below(self, most: int) -> int:
        self.drawn.append(most)
        return len(self.drawn) % most


def secrets(clock: Clock, token: str = "a token") -> Secrets:
    return Secrets(token, clock.now, clock.now, clock.below)


def test_a_code_is_good_once() -> None:
    ours = secrets(Clock())
    code = ours.new_code()
    assert (len(code), code.isdecimal()) == (6, True)
    assert ours.use_code(code, "phone")
    assert not ours.use_code(code, "phone")


def test_a_code_ends_with_its_time() -> None:
    clock = Clock()
    ours = secrets(clock)
    code = ours.new_code()
    clock.at += CODE_SECONDS
    assert not ours.use_code(code, "phone")


def guess_from_everywhere(ours: Secrets) -> None:
    """Guess wrong from as many addresses as one likes."""
    for number in range(GUESSES):
        assert not ours.use_code("999999", f"guesser {number}")


def test_one_address_alone_burns_no_code_of_another_s() -> None:
    ours = secrets(Clock())
    code = ours.new_code()
    for _ in range(10 * GUESSES):
        assert not ours.use_code("999999", "guesser")
    assert not ours.use_code(code, "guesser"), "it has had its guesses"
    assert ours.use_code(code, "phone")


def test_an_address_that_was_wrong_may_still_be_right() -> None:
    ours = secrets(Clock())
    code = ours.new_code()
    for _ in range(EACH - 1):
        assert not ours.use_code("999999", "phone")
    assert ours.use_code(code, "phone")


def test_guesses_from_many_addresses_burn_a_code_and_never_its_link() -> None:
    ours = secrets(Clock())
    code, link = ours.new_code(), ours.new_link()
    guess_from_everywhere(ours)
    assert not ours.use_code(code, "phone")
    assert ours.use_code(link, "guesser 0"), "who knows it need not guess"
    assert not ours.use_code(link, "phone"), "it is good once"


def test_a_link_is_long_and_uses_up_its_code() -> None:
    clock = Clock()
    ours = secrets(clock)
    code, link = ours.new_code(), ours.new_link()
    assert (len(link), link.isalnum()) == (22, True)
    assert clock.drawn[-1] > 2**128
    assert not ours.use_code("", "phone")
    assert ours.use_code(link, "phone")
    assert not ours.use_code(code, "phone")


def test_a_new_code_replaces_the_one_before() -> None:
    ours = secrets(Clock())
    old, new = ours.new_code(), ours.new_code()
    assert not ours.use_code(old, "phone")
    assert ours.use_code(new, "phone")


def test_nobody_gets_more_guesses_by_asking_for_codes() -> None:
    clock = Clock()
    ours = secrets(clock)
    assert ours.asked_code()
    guess_from_everywhere(ours)
    assert ours.asked_code() is None
    clock.at += CODE_SECONDS
    assert ours.asked_code()


def test_codes_that_nobody_uses_come_ever_more_seldom() -> None:
    clock = Clock()
    ours = secrets(clock)
    codes = 0
    for _ in range(int(30 * SELDOM / CODE_SECONDS)):
        codes += ours.asked_code() is not None
        clock.at += CODE_SECONDS
    assert codes < 30 + 10, "a month of asking gives one a day"
    assert ours.use_code(ours.new_code(), "phone")
    assert ours.asked_code(), "whoever paired may ask again at once"


def test_a_session_ends_and_cannot_be_made_longer() -> None:
    clock = Clock()
    ours = secrets(clock)
    session = ours.new_session()
    assert ours.is_session(session)
    expires, _, rest = session.partition(".")
    assert not ours.is_session(f"{int(expires) + 1}.{rest}")
    clock.at += SESSION_SECONDS
    assert not ours.is_session(session)


def test_a_session_is_of_its_token() -> None:
    clock = Clock()
    session = secrets(clock).new_session()
    assert secrets(clock).is_session(session)
    assert not secrets(clock, "another").is_session(session)
    assert not secrets(clock, "").is_session(session)


def test_what_is_no_session_is_none() -> None:
    ours = secrets(Clock())
    for cookie in ("", ".", "..", "1.2.3", "ä.1.2", "9" * 400 + ".1.2", "-1.0.0"):
        assert not ours.is_session(cookie)


def test_a_rate_lets_a_burst_through_and_then_so_many_a_second() -> None:
    rate = Rate(2.0, 3.0)
    assert [rate.allows("a", 10.0) for _ in range(4)] == [True, True, True, False]
    assert rate.allows("b", 10.0)
    assert [rate.allows("a", 10.5), rate.allows("a", 10.5)] == [True, False]
    assert [rate.allows("a", 99.0) for _ in range(4)] == [True, True, True, False]


def test_rates_of_a_few_addresses_alone_are_kept() -> None:
    rate = Rate(0.0, 1.0)
    for number in range(ADDRESSES + 1):
        rate.allows(str(number), 0.0)
    assert rate.allows("0", 0.0)
    assert not rate.allows(str(ADDRESSES), 0.0)
