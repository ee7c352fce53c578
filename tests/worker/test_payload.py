"""What is asked of a job, read at the door."""

from studio.worker import payload
from studio.worker.kinds.batch import Batch
from studio.worker.kinds.generate import Generate
from studio.worker.kinds.import_folder import Import


def test_what_people_paste_is_in_nfc_and_without_what_nobody_sees() -> None:
    pasted, meant = "gru\u0308ner\u200b Trank", "grüner Trank"
    one = payload.read(Generate, {"prompt": pasted, "negative": pasted})
    assert (one.prompt, one.negative) == (meant, meant)
    many = payload.read(Batch, {"style": "s", "assets": [{"prompt": pasted}]})
    assert many.assets[0].prompt == meant


def test_a_folder_is_called_as_its_system_stores_it() -> None:
    folder = "/art/gru\u0308n"
    assert payload.read(Import, {"name": "x", "folder": folder}).folder == folder
