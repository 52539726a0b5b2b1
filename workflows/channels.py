"""By which door something was done, in words. Not to be mistaken for the channels of the post."""

from __future__ import annotations

from collections.abc import Mapping

from engine.problems import Language, Text

DOORS: Mapping[str, Text] = {
    "web": Text("网页", "a web page"),
    "api": Text("接口", "the API"),
    "cli": Text("命令行", "the command line"),
    "job": Text("作业", "a job"),
    "public": Text("公众网页", "a public page"),
    "rehearsal": Text("推演", "the rehearsal"),
}


def door(channel: str, lang: Language) -> str:
    """A channel in words; one that is not known stays as it is."""
    return DOORS[channel].in_(lang) if channel in DOORS else channel
