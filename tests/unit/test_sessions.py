"""Secrets of the page: codes, sessions and rates, on a clock that the test moves."""

from __future__ import annotations

from dataclasses import dataclass, field

from moodspeaker.web.sessions import ADDRESSES, CODE_SECONDS, GUESSES, SESSION_SECONDS, Rate, Secrets


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
    assert ours.use_code(code)
    assert not ours.use_code(code)


def test_a_code_ends_with_its_time() -> None:
    clock = Clock()
    ours = secrets(clock)
    code = ours.new_code()
    clock.at += CODE_SECONDS
    assert not ours.use_code(code)


def test_wrong_guesses_burn_a_code() -> None:
    ours = secrets(Clock())
    code = ours.new_code()
    for _ in range(GUESSES):
        assert not ours.use_code("999999")
    assert not ours.use_code(code)


def test_a_new_code_replaces_the_one_before() -> None:
    ours = secrets(Clock())
    old, new = ours.new_code(), ours.new_code()
    assert not ours.use_code(old)
    assert ours.use_code(new)


def test_nobody_gets_more_guesses_by_asking_for_codes() -> None:
    clock = Clock()
    ours = secrets(clock)
    assert ours.asked_code()
    for _ in range(GUESSES):
        ours.use_code("999999")
    assert ours.asked_code() is None
    clock.at += CODE_SECONDS
    assert ours.asked_code()


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
