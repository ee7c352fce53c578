"""What a file says of how it came about: IPTC's DigitalSourceType, in an XMP packet.

Stores and networks ask for it of pictures that a model drew. The two terms are those of
https://cv.iptc.org/newscodes/digitalsourcetype/; the packet is as XMP's specification part 3 has it
in PNG (iTXt `XML:com.adobe.xmp`), WebP (chunk `XMP `), JPEG (APP1) and GIF. Pixels are not touched:
nothing is decoded and saved anew. Other files, such as GLB, stay as they are: the manifest tells.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator

TERMS = "http://cv.iptc.org/newscodes/digitalsourcetype/"
DRAWN = "trainedAlgorithmicMedia"
PAINTED_OVER = "compositeWithTrainedAlgorithmicMedia"  # a person's work is part of it
PNG = b"\x89PNG\r\n\x1a\n"
_KEYWORD = b"XML:com.adobe.xmp"
_SEGMENT = b"http://ns.adobe.com/xap/1.0/\0"
_GIF = b"!\xff\x0bXMP DataXMP"
_XMP_FLAG, _ALPHA_FLAG = 0x04, 0x10  # of WebP's VP8X
_TYPE = re.compile(rb"DigitalSourceType(?:>|=\")" + re.escape(TERMS.encode()) + rb"(\w+)")


def packet(term: str) -> bytes:
    """The XMP packet that says this term."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" '
        'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">'
        f"<Iptc4xmpExt:DigitalSourceType>{TERMS}{term}</Iptc4xmpExt:DigitalSourceType>"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def labelled(data: bytes, term: str) -> bytes:
    """A PNG, WebP, JPEG or GIF that says the term, in place of what it said before; all else stays
    byte for byte. Any other file, and one that is damaged, is as it was."""
    if data.startswith(PNG):
        return _png(data, packet(term))
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _webp(data, packet(term))
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data, packet(term))
    if data.startswith((b"GIF87a", b"GIF89a")):
        return _gif(data, packet(term))
    return data


def read(data: bytes) -> str:
    """The term that a file says; "" where it says none."""
    found = _TYPE.search(data)
    return found[1].decode() if found else ""


def _gif(data: bytes, said: bytes) -> bytes:
    """As an application extension before the end: what follows the packet lets a reader that knows
    nothing of it skip all of it."""
    if not data.endswith(b";"):
        return data
    body, skipped = data[:-1], bytes([1, *range(255, -1, -1), 0])
    if (at := body.rfind(_GIF)) >= 0 and body.endswith(skipped):
        body = body[:at]
    return b"GIF89a" + body[6:] + _GIF + said + skipped + b";"


def _png(data: bytes, said: bytes) -> bytes:
    body = _KEYWORD + b"\0\0\0\0\0" + said  # not compressed, no language
    checksum = zlib.crc32(b"iTXt" + body)
    chunk = struct.pack(">I4s", len(body), b"iTXt") + body + struct.pack(">I", checksum)
    out, put = bytearray(PNG), False
    for name, whole in _png_chunks(data):
        if name == b"iTXt" and whole[8:].startswith(_KEYWORD + b"\0"):
            continue
        out += whole
        if name == b"IHDR" and not put:
            out += chunk
            put = True
    return bytes(out) if put and out[-8:-4] == b"IEND" else data


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each chunk's name and all its bytes."""
    place = len(PNG)
    while place + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, place)
        yield name, data[place : place + 12 + length]
        place += 12 + length


def _webp(data: bytes, said: bytes) -> bytes:
    chunks = [one for one in _webp_chunks(data) if one[0] != b"XMP "]
    names = [name for name, _ in chunks]
    if b"VP8X" in names:
        at = names.index(b"VP8X")
        held = bytearray(chunks[at][1])
        if len(held) < 10:
            return data
        held[0] |= _XMP_FLAG
        chunks[at] = (b"VP8X", bytes(held))
    else:
        size = _webp_size(*chunks[0]) if chunks else None
        if size is None:
            return data
        width, height, alpha = size
        flags = _XMP_FLAG | (_ALPHA_FLAG if alpha else 0)
        sides = (side - 1 for side in (width, height))
        held_new = bytes([flags, 0, 0, 0]) + b"".join(one.to_bytes(3, "little") for one in sides)
        chunks.insert(0, (b"VP8X", held_new))
    chunks.append((b"XMP ", said))
    body = b"".join(
        name + struct.pack("<I", len(held)) + held + b"\0" * (len(held) % 2)
        for name, held in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _webp_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Each chunk's name and what is in it; none where the file is cut off."""
    place, found = 12, list[tuple[bytes, bytes]]()
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data) + 1:  # the last byte may be padding that nobody wrote
        return []
    while place + 8 <= min(end, len(data)):
        name, length = struct.unpack_from("<4sI", data, place)
        if place + 8 + length > len(data):
            return []
        found.append((name, data[place + 8 : place + 8 + length]))
        place += 8 + length + length % 2
    return found


def _webp_size(name: bytes, held: bytes) -> tuple[int, int, bool] | None:
    """Width, height and whether there is alpha, by the first bytes of the picture (RFC 9649)."""
    if name == b"VP8L" and len(held) >= 5:
        bits = int.from_bytes(held[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)
    if name == b"VP8 " and len(held) >= 10:
        width, height = struct.unpack_from("<HH", held, 6)
        return width & 0x3FFF, height & 0x3FFF, False
    return None


def _jpeg(data: bytes, said: bytes) -> bytes:
    """Behind the segments of JFIF and Exif, each of which has to be the first; the entropy-coded
    part is not read."""
    place, head = 2, bytearray(data[:2])
    segment = b"\xff\xe1" + struct.pack(">H", len(_SEGMENT) + len(said) + 2) + _SEGMENT + said
    put = False
    while place + 4 <= len(data) and data[place] == 0xFF and data[place + 1] not in (0xDA, 0xD9):
        (length,) = struct.unpack_from(">H", data, place + 2)
        whole = data[place : place + 2 + length]
        if not put and data[place + 1] not in (0xE0, 0xE1):
            head += segment
            put = True
        if not (data[place + 1] == 0xE1 and whole[4:].startswith(_SEGMENT)):
            head += whole
        place += 2 + length
    if not put:
        head += segment
    return bytes(head) + data[place:]
