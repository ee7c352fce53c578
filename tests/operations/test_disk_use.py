import os

from studio.operations import disk_use


def test_what_takes_the_room_by_what_it_is_for(tmp_path):
    sizes = {"generated/sample/a.png": 3000, "datasets/x.png": 500, "studio.db": 70, "odd/y": 7}
    for name, size in sizes.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(bytes(size))
    # A second name of a file takes no room.
    os.link(tmp_path / "generated/sample/a.png", tmp_path / "generated/b.png")
    found = disk_use.taken(tmp_path)
    assert [(one.says, one.bytes, one.files) for one in found] == [
        ("Drawn pictures", 3000, 1),
        ("Pictures of datasets", 500, 1),
        ("Databases and all else", 77, 2),
    ]
    assert disk_use.taken(tmp_path / "nowhere") == []
