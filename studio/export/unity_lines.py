"""A `.meta` of Unity's as lines, of which single values are changed and all others stay.

Unity's files are YAML that its own writer lays out: two spaces a level, a list's items at the depth
of their key. That is all that is understood here; nothing is read by a YAML library and written
anew, which would lose what it does not know and touch every line for a version control to see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Keys = tuple[str, ...]
Span = tuple[int, int]  # of lines: the first, and the one behind the last


class Lines:
    """The lines of a file, changed in place. Line ends stay as they were."""

    def __init__(self, data: bytes) -> None:
        text = data.decode("utf-8-sig", errors="surrogateescape")
        self.ending = "\r\n" if "\r\n" in text else "\n"
        self.lines = text.replace("\r\n", "\n").split("\n")

    def written(self) -> bytes:
        """All of it as bytes."""
        return self.ending.join(self.lines).encode("utf-8", errors="surrogateescape")

    @property
    def in_conflict(self) -> bool:
        """Whether a version control left both sides of a line in it."""
        return any(one.startswith(("<<<<<<<", ">>>>>>>")) for one in self.lines)

    def has(self, path: Keys) -> bool:
        """Whether there is such a key."""
        return self._found(path) is not None

    def value(self, path: Keys) -> str:
        """What stands behind a key on its line; "" where it is not there."""
        at = self._found(path)
        return "" if at is None else self._said(at)

    def put(self, path: Keys, value: str) -> None:
        """Give a key this value on its line; where it is not there it is made, with all that lead
        to it."""
        whole = (0, len(self.lines))
        self._put(whole, 0, path, value)

    def append(self, path: Keys, item: Sequence[str]) -> None:
        """Put an item's lines, without their depth, at the end of the list at `path`."""
        at = self._made(path)
        begin = " " * _depth(self.lines[at])
        if self._said(at) in ("[]", "{}"):
            self.lines[at] = self.lines[at].partition(":")[0] + ":"
        end = self._end(at)
        self.lines[end:end] = [begin + line for line in item]

    def drop_item(self, path: Keys, key: str, value: str) -> None:
        """Take an item out of a list, where it is there."""
        span = self._item(path, key, value)
        at = self._found(path)
        if span is not None and at is not None:
            del self.lines[span[0] : span[1]]
            self._emptied(at, "[]")

    def drop_key(self, path: Keys, key: str) -> None:
        """Take a key out of a table, where it is there."""
        at, table = self._found((*path, key)), self._found(path)
        if at is not None and table is not None:
            del self.lines[at : self._end(at)]
            self._emptied(table, "{}")

    def rename_key(self, path: Keys, old: str, new: str) -> None:
        """Call a key of a table otherwise, where it is there."""
        at = self._found((*path, old))
        if at is not None:
            line = self.lines[at]
            self.lines[at] = f"{' ' * _depth(line)}{new}:{line.partition(':')[2]}"

    def rows(self, path: Keys, *keys: str) -> list[tuple[str, ...]]:
        """The values of these keys in each item of the list at `path` that has all of them."""
        at = self._found(path)
        if at is None:
            return []
        depth, found = _depth(self.lines[at]) + 2, list[tuple[str, ...]]()
        for begin, end in self._items(at):
            places = [self._key(begin, end, depth, key) for key in keys]
            values = tuple(self._said(place) for place in places if place is not None)
            if len(values) == len(keys):
                found.append(values)
        return found

    def put_in_all(self, path: Keys, key: str, told: Mapping[str, Mapping[Keys, str]]) -> set[str]:
        """In each item of the list at `path`, known by its `key`, give keys these values; the items
        that are there."""
        at, there = self._found(path), set[str]()
        if at is None:
            return there
        depth = _depth(self.lines[at]) + 2
        for begin, end in reversed(self._items(at)):  # lines that are put in move none before them
            found = self._key(begin, end, depth, key)
            value = "" if found is None else self._said(found)
            if value in told:
                there.add(value)
                for keys, new in told[value].items():
                    before = len(self.lines)
                    self._put((begin, end), depth, keys, new)
                    end += len(self.lines) - before
        return there

    def _said(self, at: int) -> str:
        """What stands behind the key on a line."""
        return self.lines[at].partition(":")[2].strip()

    def _emptied(self, at: int, empty: str) -> None:
        if self._end(at) == at + 1:
            self.lines[at] = self.lines[at].rstrip() + f" {empty}"

    def _put(self, span: Span, depth: int, path: Keys, value: str) -> None:
        begin, end = span
        for place, name in enumerate(path):
            at = self._key(begin, end, depth, name)
            last = place == len(path) - 1
            if at is None:
                at = _behind(self.lines, begin, end)
                self.lines.insert(at, f"{' ' * depth}{name}:")
            if last:
                self.lines[at] = f"{_head(self.lines[at])}: {value}"
                return
            if self.lines[at].endswith(": {}"):
                self.lines[at] = self.lines[at].removesuffix(" {}")
            begin, end, depth = at + 1, self._end(at), depth + 2

    def _made(self, path: Keys) -> int:
        """The line of a key that holds a list, made where it is not there."""
        if (at := self._found(path)) is None:
            self.put(path, "[]")
            at = self._found(path)
        assert at is not None
        return at

    def _found(self, path: Keys) -> int | None:
        begin, end, at = 0, len(self.lines), None
        for depth, name in enumerate(path):
            at = self._key(begin, end, 2 * depth, name)
            if at is None:
                return None
            begin, end = at + 1, self._end(at)
        return at

    def _key(self, begin: int, end: int, depth: int, name: str) -> int | None:
        """The line between two others on which a key of this depth stands; the first one of a
        list's item stands behind its dash."""
        own = f"{' ' * depth}{name}:"
        heads = (own, f"{' ' * (depth - 2)}- {name}:" if depth >= 2 else own)
        for at in range(begin, min(end, len(self.lines))):
            if self.lines[at].startswith(heads):
                return at
        return None

    def _end(self, at: int) -> int:
        """The line behind all that belongs to the key on line `at`."""
        depth, end = _depth(self.lines[at]), at + 1
        while end < len(self.lines):
            line = self.lines[end]
            deeper = _depth(line) > depth and line.strip() != ""
            if not deeper and not (_depth(line) == depth and line[depth:].startswith("- ")):
                break
            end += 1
        return end

    def _items(self, at: int) -> list[Span]:
        """The items of the list whose key stands on line `at`."""
        depth, end = _depth(self.lines[at]), self._end(at)
        begins = [
            place
            for place in range(at + 1, end)
            if _depth(self.lines[place]) == depth and self.lines[place][depth:].startswith("- ")
        ]
        return list(zip(begins, [*begins[1:], end][: len(begins)], strict=True))

    def _item(self, path: Keys, key: str, value: str) -> Span | None:
        at = self._found(path)
        if at is None:
            return None
        depth = _depth(self.lines[at]) + 2
        for begin, end in self._items(at):
            found = self._key(begin, end, depth, key)
            if found is not None and self._said(found) == value:
                return begin, end
        return None


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _head(line: str) -> str:
    return line.partition(":")[0]


def _behind(lines: Sequence[str], begin: int, end: int) -> int:
    """Where a key is put that is not there: behind the block, before what is empty."""
    while end > begin and not lines[end - 1].strip():
        end -= 1
    return end


# What Unity writes for a sprite's texture, without compression and mipmaps; {most}: the side in
# pixels that it does not exceed. All else is Unity's default.
NEW = """fileFormatVersion: 2
guid: {guid}
TextureImporter:
  internalIDToNameTable: []
  externalObjects: {{}}
  serializedVersion: 13
  mipmaps:
    mipMapMode: 0
    enableMipMap: 0
    sRGBTexture: 1
    linearTexture: 0
    fadeOut: 0
    borderMipMap: 0
    mipMapsPreserveCoverage: 0
    alphaTestReferenceValue: 0.5
    mipMapFadeDistanceStart: 1
    mipMapFadeDistanceEnd: 3
  bumpmap:
    convertToNormalMap: 0
    externalNormalMap: 0
    heightScale: 0.25
    normalMapFilter: 0
    flipGreenChannel: 0
  isReadable: 0
  streamingMipmaps: 0
  streamingMipmapsPriority: 0
  vTOnly: 0
  ignoreMipmapLimit: 0
  grayScaleToAlpha: 0
  generateCubemap: 6
  cubemapConvolution: 0
  seamlessCubemap: 0
  textureFormat: 1
  maxTextureSize: {most}
  textureSettings:
    serializedVersion: 2
    filterMode: 0
    aniso: 1
    mipBias: 0
    wrapU: 1
    wrapV: 1
    wrapW: 1
  nPOTScale: 0
  lightmap: 0
  compressionQuality: 50
  spriteMode: 1
  spriteExtrude: 1
  spriteMeshType: 0
  alignment: 0
  spritePivot: {{x: 0.5, y: 0.5}}
  spritePixelsToUnits: 16
  spriteBorder: {{x: 0, y: 0, z: 0, w: 0}}
  spriteGenerateFallbackPhysicsShape: 1
  alphaUsage: 1
  alphaIsTransparency: 1
  spriteTessellationDetail: -1
  textureType: 8
  textureShape: 1
  singleChannelComponent: 0
  flipbookRows: 1
  flipbookColumns: 1
  maxTextureSizeSet: 0
  compressionQualitySet: 0
  textureFormatSet: 0
  ignorePngGamma: 0
  applyGammaDecoding: 0
  swizzle: 50462976
  cookieLightType: 0
  platformSettings:
  - serializedVersion: 4
    buildTarget: DefaultTexturePlatform
    maxTextureSize: {most}
    resizeAlgorithm: 0
    textureFormat: -1
    textureCompression: 0
    compressionQuality: 50
    crunchedCompression: 0
    allowsAlphaSplitting: 0
    overridden: 0
    ignorePlatformSupport: 0
    androidETC2FallbackOverride: 0
    forceMaximumCompressionQuality_BC6H_BC7: 0
  spriteSheet:
    serializedVersion: 2
    sprites: []
    outline: []
    customData: 
    physicsShape: []
    bones: []
    spriteID: 
    internalID: 0
    vertices: []
    indices: 
    edges: []
    weights: []
    secondaryTextures: []
    spriteCustomMetadata:
      entries: []
    nameFileIdTable: {{}}
  mipmapLimitGroupName: 
  pSDRemoveMatte: 0
  userData: 
  assetBundleName: 
  assetBundleVariant: 
"""
