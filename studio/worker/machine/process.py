"""A run's process on its machine: `python -m studio.worker.machine.process FOLDER` computes one and
ends; `... warm` computes those whose folders it is told on standard input, and keeps its pipelines.

It is a kind's `compute` and nothing else: no database, no MLflow, no studio. What it tells lies in
the run's folder (`folders`), which the server reads and home fetches.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

from studio import masking
from studio.context import set_threads
from studio.errors import StudioError
from studio.generation.style_drawing import Loaded
from studio.jobs.emit import Emit
from studio.remote import plain_values, versions
from studio.remote.protocol import HASH, Asked
from studio.settings import Settings, load_settings
from studio.store import private
from studio.worker.context import Models, Warm
from studio.worker.kind import Input
from studio.worker.kind_table import KINDS
from studio.worker.machine import folders
from studio.worker.machine.contents import Contents
from studio.worker.machine.folders import HOME, End
from studio.worker.machine.results import Results
from studio.worker.machine.telling import Cancelled, Telling
from studio.worker.process import in_plain_words, saying_into

READY = "ready"  # the folder holds what came with the question


class Parted(Warm):
    """Loaded pipelines, each for what has the same files: two studios may call theirs alike."""

    def __init__(self, warm: Warm, asked: Asked) -> None:
        super().__init__(warm.room, warm.loaded)
        named = sorted(name for name in asked.inputs if HASH.fullmatch(name))
        self.mark = hashlib.sha256("\n".join(named).encode()).hexdigest()

    def get(self, key: str, load: Callable[[], Loaded]) -> Loaded:
        """See `Warm.get`."""
        return super().get(f"{key}, {self.mark}", load)


def do(folder: Path, settings: Settings, warm: Warm) -> None:
    """Compute a run and note its end, unless it has one."""
    if folders.end(folder) is not None:
        return
    try:
        folders.note_end(folder, _computed(folder, settings, warm))
    except Cancelled:
        folders.note_end(folder, End("CANCELLED"))
    except StudioError as error:
        folders.note_end(folder, End("FAILED", "", error.message, error.remedy))
    except Exception as error:
        print(masking.told(error), file=sys.stderr, flush=True)
        folders.note_end(folder, End("FAILED", "", *in_plain_words(error)))


def _computed(folder: Path, settings: Settings, warm: Warm) -> End:
    asked = folders.asked(folder)
    _check(asked)
    kind, contents = KINDS[asked.kind], Contents(settings.home / HOME)
    params = plain_values.read(asked.params, plain_values.roots_of(settings.home))
    workdir = folders.work(folder, asked)
    inputs = _at_hand(folder, asked, contents)
    results = Results(workdir, contents.store, _known(folder, asked))
    answers = {int(number): said for number, said in asked.answers.items()}
    telling = Telling(folder, results, answers)
    emit = Emit(workdir, telling.event, telling.say, telling.step)
    emit.again()  # what a process before was cut off from telling
    threads = _took_threads(settings, asked.threads)
    own = Parted(warm, asked)
    models = Models(settings.device, threads, settings.home / "cache", own)
    compute = kind.compute
    assert compute is not None  # the check saw to it
    outcome = compute(inputs, params, workdir, models, emit)
    told = {**asdict(outcome), "folder": telling.end()}
    return End("COMPLETED", contents.store.put(json.dumps(told, allow_nan=True).encode()))


def _took_threads(settings: Settings, asked: int) -> int:
    """The thread budget of this run, given to torch: what is asked, else as the machine is set, 0:
    as many as there are, whatever the run before had asked for."""
    usual, threads = _usual_threads(), asked or settings.threads
    set_threads(replace(settings, threads=threads or usual))
    return threads


@cache
def _usual_threads() -> int:
    """As many as torch takes by itself."""
    import torch

    return int(torch.get_num_threads())


def _check(asked: Asked) -> None:
    """StudioError where this program is not the one that asked."""
    for what, theirs, ours in (
        ("studio", asked.studio, versions.studio()),
        ("torch", asked.torch, versions.torch()),
    ):
        if theirs != ours:
            raise StudioError(
                f"This machine has {ours or 'none'} of {what}, and {theirs or 'none'} was asked "
                "with.",
                "Bring both machines to the same version.",
            )
    kind = KINDS.get(asked.kind)
    if kind is None or kind.compute is None:
        raise StudioError(
            f"This machine computes no {asked.kind!r}.", "Bring both to the same version."
        )


def _at_hand(folder: Path, asked: Asked, contents: Contents) -> Mapping[str, Input]:
    """The inputs, under names of the run's own, so that they stay while it runs; the first time the
    files of its folder, too, which it may write to."""
    inputs = {}
    for name, (hash, known, called) in asked.inputs.items():
        place = folder / "inputs" / hash / called  # what is called so tells what it is
        if not place.is_file():
            contents.store.fetch(hash, place)
        inputs[name] = Input(known, place)
    if not (folder / READY).is_file():
        for path, hash in asked.files.items():
            contents.copy(hash, folders.work(folder, asked) / path)
        folders.work(folder, asked).mkdir(parents=True, exist_ok=True)
        (folder / READY).touch()
    return inputs


def _known(folder: Path, asked: Asked) -> dict[str, str]:
    """The files of its folder that home has or was told of, by their hash."""
    found, after = dict(asked.files), 0
    while True:
        frames, behind = folders.lines(folder / folders.FRAMES, after)
        if behind == after:
            return found
        after = behind
        for frame in frames:
            for path, kept in frame.get("files", {}).items():
                if kept is None:
                    found.pop(path, None)
                else:
                    found[path] = kept[0]


def stay_warm(settings: Settings) -> None:
    """Compute each run whose folder is named on standard input, until it is closed."""
    from studio.diffusion import bases, bundled_bases

    warm = Warm()
    try:  # loading the smallest base imports all that drawing needs, before anybody waits
        practice = bases.find_base(bundled_bases.DEFAULT)
        bases.load_pipeline(practice, bases.pick_device(settings.device))
    except StudioError as error:
        print(error, flush=True)
    for line in iter(sys.stdin.readline, ""):
        folder = Path(line.rstrip("\n"))
        with saying_into(folder / folders.LOG):
            do(folder, settings, warm)


def main(words: list[str]) -> int:
    """One run, or those named on standard input."""
    private.keep_private()
    masking.in_logs()
    settings = load_settings()
    if words == ["warm"]:
        stay_warm(settings)
    else:
        do(Path(words[0]), settings, Warm(room=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
