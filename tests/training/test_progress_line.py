import pytest

from studio.training import progress_line
from studio.training.progress_line import Standing


def test_what_is_written_is_read_again():
    line = progress_line.written(120, 600, 0.12345, 35.04, 4000)
    assert line == "step 120/600  loss 0.1235  35.0 pictures/s  66:40 left"
    assert progress_line.read(line) == Standing(120, 600, 0.1235, 35.0, "66:40")


@pytest.mark.parametrize("line", ["", "Encoded 40 pictures", "step 3/20", "step 1/2  loss nan"])
def test_other_lines_say_no_standing(line):
    assert progress_line.read(line) is None
