"""Who changed what MPD plays, and what became of the song that played.  Pure: no clock, loop or library.

Theory of operation.  After everything that we do, and after everything that we see, MPD's state is kept
(`ServerState`).  When MPD says that something changed, the new state is compared with the kept one: what can
have come by itself is nobody's act, only what a person alone can have done is a person's.

    changed                        is a person's act         unless
    the queue's song ids           QUEUE                     `consume` took what was played, or the library
                                                             lost a song
    playing -> stopped             STOP                      the queue ended: then no song is current any more
    playing -> paused              PAUSE                     `single` paused at the next song, as a person had
                                                             told it to: STOP
    stopped, paused -> playing     PLAY
    the song, to the next one,     NEXT, PREVIOUS or SONG    it had come to its end, could not be played, or
    the one before, any other                                its stated length may be wrong
    elapsed, by 3 s against the    SEEK                      it is a stream, or began again (`repeat`)
    clock

A new error of MPD explains every change that comes with it.  One comparison gives one act at most, the first
of this table; the report tells the rest.  Volume, outputs, options, stickers and updates of the database are
nobody's act.

A stated length is believed when the file's format tells it exactly, or when the song was heard to its stated
end before: an MP3 without an index, or with a wrong one, ends when it ends.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.player import Act, PlayState, TrackEnded
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from moodspeaker.domain.song import Song

JUST_BEGUN: Final = 0.2
"""Seconds of a song at which MPD itself may have paused it."""
SEEK_SLACK: Final = 3.0
"""Seconds by which the elapsed time may differ from the clock's."""
END_SLACK: Final = 3.0
"""Seconds before its stated end at which a song has ended: decoders and crossfades change early."""
END_SLACK_SHARE: Final = 0.02
"""The same as a share of the length, where that is an estimate."""
BEGINNING: Final = 3.0
"""Seconds played of a song that may just have begun again."""
EXACT_FORMATS: Final = frozenset(
    {
        "aif",
        "aiff",
        "alac",
        "ape",
        "au",
        "dff",
        "dsf",
        "flac",
        "m4a",
        "m4b",
        "mp4",
        "mpc",
        "oga",
        "ogg",
        "opus",
    }
    | {"tta", "w64", "wav", "wv"}
)
"""Endings of files whose format tells their length to the sample."""
LENGTHS_KEPT: Final = 2000
"""Songs that are known to have been heard to their stated end."""


@dataclass(frozen=True, slots=True)
class ServerState:
    """MPD's state at one moment, as far as attribution needs it; songs are named by their ids."""

    at: float
    """Monotonic seconds."""
    state: PlayState
    """play, pause or stop."""
    ids: tuple[int, ...]
    """The queue."""
    song: int | None = None
    """The current song; after a stop still, but not after the queue's end."""
    upcoming: int | None = None
    """The song that MPD will play next, whatever the order."""
    last: int | None = None
    """The song that was current before this one, as far as we saw."""
    audible: bool = True
    """False before the first sound of a song, and while MPD passes over one that it cannot decode."""
    elapsed: float = 0.0
    """Seconds played."""
    seconds: float | None = None
    """Stated length of the song; None for a stream."""
    exact: bool = True
    """Whether the stated length is to be believed."""
    crossfade: float = 0.0
    """Seconds by which the next song begins early."""
    single: bool = False
    """Whether MPD stops after each song, or after this one."""
    consume: bool = False
    """Whether MPD removes what it played."""
    updating: bool = False
    """Whether MPD reads its music folder."""
    error: str = ""
    """Why a song could not be played, in MPD's words."""

    def elapsed_at(self, at: float) -> float:
        """Return the seconds that will have been played at a moment if nobody interferes."""
        return self.elapsed + (at - self.at if self.state is PlayState.PLAY else 0.0)

    @property
    def length_believed(self) -> bool:
        """Whether the song has a stated length that is to be believed."""
        return self.exact and self.seconds is not None

    def over_at(self, at: float) -> bool:
        """Tell whether the song has come to its stated end at a moment."""
        if self.state is not PlayState.PLAY or self.seconds is None:
            return False
        slack = END_SLACK if self.exact else max(END_SLACK, END_SLACK_SHARE * self.seconds)
        return self.elapsed_at(at) >= self.seconds - slack - self.crossfade


@dataclass(frozen=True, slots=True)
class Change:
    """What explains a change."""

    act: Act | None = None
    """A person's act; None when it came by itself, or nobody can say."""
    ended: EndReason | None = None
    """Why the song that stood there is over; None when it is not, or none was playing."""


NO_CHANGE: Final = Change()


def explain(before: ServerState, now: ServerState, changed: Iterable[str] = ()) -> Change:
    """Return what explains the change from one state to the next.

    `changed` are the subsystems of which MPD told a change: only `player` tells a seek.
    """
    changes = frozenset(changed)
    left = before.state is not PlayState.STOP and (now.song != before.song or now.state is PlayState.STOP)
    taken = _taken(before, now)
    updating = before.updating or now.updating or not changes.isdisjoint({"update", "database"})
    consumed = bool(taken) and _is_consumed(before, now, taken)
    if taken is None or (taken and not updating and not consumed):
        return Change(Act.QUEUE, _end_in_edit(before, now) if left else None)
    if now.error and now.error != before.error:
        over = before.over_at(now.at)
        return Change(None, (EndReason.FINISHED if over else EndReason.UNKNOWN) if left else None)
    if before.song in taken and not consumed:  # the library lost it
        return Change(None, EndReason.UNKNOWN if left else None)
    if now.state is not before.state:
        change = _of_state(before, now)
        if change is not None:
            return change
    if now.song != before.song:
        return NO_CHANGE if now.state is PlayState.STOP else _of_song(before, now)
    return _within_song(before, now, seek="player" in changes)


def _taken(before: ServerState, now: ServerState) -> frozenset[int | None] | None:
    """Return the songs that are no longer in the queue; None when the queue changed otherwise too."""
    if before.ids == now.ids:
        return frozenset()
    left = frozenset(now.ids)
    if tuple(song for song in before.ids if song in left) != now.ids:
        return None
    return frozenset(before.ids) - left


def _is_consumed(before: ServerState, now: ServerState, taken: frozenset[int | None] | None) -> bool:
    """Tell whether `consume` took these songs: the current one, and those that were passed over behind it."""
    if not (before.consume or now.consume) or taken is None or before.song not in before.ids:
        return False
    place = before.ids.index(before.song)
    return taken == frozenset(before.ids[place : place + len(taken)])


def _end_in_edit(before: ServerState, now: ServerState) -> EndReason:
    """Return why the song is over while a person edited the queue."""
    if before.song not in now.ids:
        return EndReason.REPLACED
    if now.state is PlayState.STOP:
        return EndReason.STOPPED
    natural = now.song == before.upcoming and before.over_at(now.at)
    return EndReason.FINISHED if natural else EndReason.SKIPPED


def _of_state(before: ServerState, now: ServerState) -> Change | None:
    """Explain another state; None when the change of the song that came with it tells more."""
    match now.state:
        case PlayState.PLAY:
            chose = before.state is PlayState.PAUSE and now.song != before.song
            return None if chose else Change(Act.PLAY)
        case PlayState.PAUSE:
            return _of_pause(before, now)
        case _:
            return _of_stop(before, now)


def _of_pause(before: ServerState, now: ServerState) -> Change:
    """Explain a pause; `single` pauses at the beginning of the next song."""
    over = before.over_at(now.at)
    at_border = over and now.elapsed < JUST_BEGUN  # of one song that repeats, too
    if before.state is PlayState.STOP or (now.song == before.song and not at_border):
        return Change(Act.PAUSE)
    if before.single or now.single or at_border:  # `single oneshot` is set and reset between two looks
        return Change(Act.STOP, EndReason.FINISHED if over else EndReason.UNKNOWN)
    return Change(Act.PAUSE, EndReason.FINISHED if over else EndReason.SKIPPED)


def _of_stop(before: ServerState, now: ServerState) -> Change:
    """Explain a stop; at the queue's end no song is current any more."""
    if now.song is not None:
        return Change(Act.STOP, EndReason.STOPPED)
    over = before.over_at(now.at)
    ended = EndReason.FINISHED if over else EndReason.UNKNOWN
    if before.single or now.single:
        return Change(Act.STOP, ended)
    if over:
        return Change(None, ended)
    if before.upcoming is not None or before.state is PlayState.PAUSE:
        return Change(Act.STOP, EndReason.STOPPED)
    return Change(Act.NEXT, EndReason.SKIPPED) if before.length_believed else Change(None, ended)


def _of_song(before: ServerState, now: ServerState) -> Change:
    """Explain another song."""
    ended = before.state is not PlayState.STOP
    if before.over_at(now.at):
        return Change(None, EndReason.FINISHED)
    if now.song == before.upcoming:
        by_itself = before.state is PlayState.PLAY and not before.length_believed
        if not before.audible or by_itself:
            return Change(None, EndReason.UNKNOWN if ended else None)
    return Change(_direction(before, now), EndReason.SKIPPED if ended else None)


def _direction(before: ServerState, now: ServerState) -> Act:
    """Return which button leads from one song to the other."""
    if now.song in {before.upcoming, before.last}:
        return Act.NEXT if now.song == before.upcoming else Act.PREVIOUS
    if before.song in before.ids and now.song in before.ids:
        step = before.ids.index(now.song) - before.ids.index(before.song)
        if abs(step) == 1:
            return Act.NEXT if step > 0 else Act.PREVIOUS
    return Act.SONG


def _within_song(before: ServerState, now: ServerState, *, seek: bool) -> Change:
    """Explain another moment of the same song."""
    if not seek or now.state is PlayState.STOP:
        return NO_CHANGE
    back = before.elapsed_at(now.at) - now.elapsed
    if before.over_at(now.at) and back > min(1.0, (before.seconds or 0.0) / 2):
        return Change(None, EndReason.FINISHED)
    if now.seconds is None or abs(back) <= SEEK_SLACK:
        return NO_CHANGE
    repeats = before.state is PlayState.PLAY and before.upcoming == before.song and now.elapsed < BEGINNING
    return Change(None, EndReason.UNKNOWN) if repeats and not before.exact else Change(Act.SEEK)


@dataclass(slots=True)
class _Play:
    """A play that goes on."""

    id: int
    song: Song
    programme: int | None
    heard: float
    began: float
    """Monotonic seconds."""


class CurrentPlay:
    """The play that goes on, if one does: tells its end once, with the seconds that were heard."""

    def __init__(self) -> None:
        self._play: _Play | None = None
        self._seen: ServerState | None = None

    def follow(
        self,
        now: ServerState,
        song: Song | None,
        programme: int | None,
        ended: EndReason | None = None,
        otherwise: EndReason | None = None,
    ) -> TrackEnded | None:
        """See a new state with its current song and that song's programme; return the play that is over.

        `ended` says why the play is over, None where it goes on; `otherwise` why it is when its song is gone
        all the same, UNKNOWN if nobody knows.
        """
        over, play, before = None, self._play, self._seen
        self._seen = now
        if play is not None and before is not None:
            play.heard += _heard_between(before, now, goes_on=ended is None and now.song == play.id)
            if ended is not None or now.song != play.id or now.state is PlayState.STOP:
                over = _over(play, ended or otherwise or EndReason.UNKNOWN, now)
                self._play = None
        self._begin(now, song, programme)
        return over

    def find_again(self, now: ServerState, song: Song | None, programme: int | None) -> TrackEnded | None:
        """See the first state after a loss: ids may be others; return the play that is over, if one is."""
        over, play, before = None, self._play, self._seen
        self._seen = now
        if play is not None and before is not None:
            same = song is not None and song.uri == play.song.uri and now.state is not PlayState.STOP
            if same and now.song is not None and now.elapsed >= before.elapsed - SEEK_SLACK:
                play.id = now.song
                play.heard += max(0.0, now.elapsed - before.elapsed)
            else:
                over = _over(play, EndReason.UNKNOWN, now)
                self._play = None
        self._begin(now, song, programme)
        return over

    def _begin(self, now: ServerState, song: Song | None, programme: int | None) -> None:
        if now.state is PlayState.STOP or now.song is None or song is None:
            return
        if self._play is None:
            self._play = _Play(now.song, song, programme, now.elapsed, now.at - now.elapsed)
        else:
            self._play.song = song  # a stream changes its title


def _over(play: _Play, why: EndReason, now: ServerState) -> TrackEnded:
    return TrackEnded(play.song, play.heard, why, play.programme, now.at - play.began)


def _heard_between(before: ServerState, now: ServerState, *, goes_on: bool) -> float:
    """Return the seconds that were heard between two states; `goes_on`: of the same play."""
    if before.state is not PlayState.PLAY:
        return 0.0
    passed = max(0.0, now.at - before.at)
    played = now.elapsed - before.elapsed
    if goes_on and now.state is not PlayState.STOP and 0 <= played <= passed + SEEK_SLACK:
        return played
    if not before.audible:
        return 0.0
    if before.exact and before.seconds is not None:
        return min(passed, max(0.0, before.seconds - before.elapsed))
    return passed


class KnownLengths:
    """Which songs' stated lengths are to be believed."""

    def __init__(self) -> None:
        self._heard: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, uri: str) -> bool:
        return uri.rpartition(".")[2].lower() in EXACT_FORMATS or uri in self._heard

    def heard(self, uri: str) -> None:
        """Note that a song was heard to its stated end."""
        self._heard[uri] = None
        self._heard.move_to_end(uri)
        while len(self._heard) > LENGTHS_KEPT:
            self._heard.popitem(last=False)
