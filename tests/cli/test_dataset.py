"""What `dataset import` says of files that it left out."""

from studio.cli.dataset import left_out


def test_files_that_are_left_out_for_one_reason_stand_in_one_line() -> None:
    files = [{"file": f"{n}.json", "reason": "no table.", "remedy": "None."} for n in range(12)]
    refused = [*files, {"file": "a.txt", "reason": "alone.", "remedy": "Add it."}]
    many, one = left_out(refused)
    assert many.startswith("0.json, 1.json") and many.endswith("9.json and 2 more: no table. None.")
    assert one == "a.txt: alone. Add it."
