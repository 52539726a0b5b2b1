"""Words of the board."""

from engine.problems import Text

WORDS = {
    "board_title": Text("督办看板", "Board"),
}
