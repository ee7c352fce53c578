// Loads an exported sheet as Pixi does, and tells what it has made of it: each frame as it is drawn
// with its pivot at a place, and the frames of each animation.

async ({ name, size, at }) => {
  const sheet = await PIXI.Assets.load(`${name}.json`);
  sheet.textureSource.scaleMode = "nearest";
  const renderer = await PIXI.autoDetectRenderer({
    preference: "webgl",
    width: size,
    height: size,
    backgroundAlpha: 0,
    antialias: false,
  });
  const frames = {};
  for (const [frame, texture] of Object.entries(sheet.textures)) {
    const sprite = new PIXI.Sprite(texture);
    sprite.position.set(at, at);
    const stage = new PIXI.Container();
    stage.addChild(sprite);
    const area = new PIXI.Rectangle(0, 0, size, size);
    const drawn = renderer.extract.pixels({ target: stage, frame: area, resolution: 1 });
    frames[frame] = { pixels: Array.from(drawn.pixels), size: [sprite.width, sprite.height] };
  }
  const named = new Map(Object.entries(sheet.textures).map(([key, texture]) => [texture, key]));
  const animations = {};
  for (const [key, textures] of Object.entries(sheet.animations)) {
    animations[key] = textures.map((texture) => named.get(texture));
  }
  return { frames, animations, normals: sheet.data.meta.normalMap ?? "" };
};
