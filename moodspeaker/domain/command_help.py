"""The commands, for people."""

from typing import Final

HELP: Final = """\
  {"sensing": "on"|"off"}   open or close the camera; survives a restart
  {"override": EMOTION}     play to this mood whatever the faces say; "auto" follows them again
  {"target": TARGET}        what the music does with this mood, until it changes; "auto": what is set for it
  {"hold": MINUTES}         leave the music alone; "on" takes hold.minutes, "off" resumes
  {"resume": "on"}          end a hold, or go on after a person's stop; where nothing plays, start music
  {"play": "on"}            start music
  {"pause": "on"}           pause the music, until somebody plays it again
  {"next": "on"}            skip the song
  {"previous": "on"}        go back to the song before
  {"volume": 0-100}         set the player's volume, in percent
  {"like": "on"}            you like the song that plays
  {"dislike": "on"}         you do not: it is skipped where this program chose it
  {"wrong_mood": "on"}      the song that plays does not fit this mood; an EMOTION: it is that one
                            of these three, {"like": {"uri": URI}} names the song that you saw, should another
                            have begun since; {"wrong_mood": {"uri": URI, "mood": EMOTION}}
  {"profile": NAME}         who listens: a name, "household" for all together, or "guest", who teaches nothing
  {"song_mood": {"uri": URI, "mood": EMOTION}}
                            a song's mood is this one, whatever the models say; "auto" lets them decide again
  {"calibrate": "on"}       look at your face at rest for ten seconds, and correct by it what is read later;
                            "off" forgets it
  {"evidence": {"source": NAME, "arousal": 0.7, "weight": 0.5, "seconds": 60}}
                            another source says something of the room: valence, arousal or emotion
  {"dwell": SECONDS}        at least so long between two changes that faces cause: the setting mood.dwell
  {"minimum_confidence": PERCENT}
                            how sure it must be of a new mood: the setting mood.margin, above 50, below 100
  {"hold_length": MINUTES}  how long a hold lasts that names no minutes: the setting hold.minutes
  {"restart": "on"}         end and begin again, where a service starts it again; the music plays on

TARGET is match, lift, calm or off (moodspeaker config show: [target]);
EMOTION is angry, disgust, fear, happy, sad, surprise or neutral; MINUTES at most 1440;
a URI is the music server's name for a song: moodspeaker index show.
"""
"""Every command in a line."""
