// Loads an exported sheet as a game of Phaser's does, and tells what it has made of it: each frame as
// it is drawn with its pivot at a place, and each animation with the time of its frames.

async ({ name, size, at }) => {
  const scene = await new Promise((there, failed) => {
    const game = new Phaser.Game({
      type: Phaser.CANVAS,
      width: size,
      height: size,
      transparent: true,
      banner: false,
      antialias: false,
      roundPixels: false, // its canvas renderer draws half a pixel too much with it
      audio: { noAudio: true },
      scene: {
        preload() {
          this.load.on("loaderror", (file) => failed(new Error(file.src)));
          this.load.atlas(name, `${name}.png`, `${name}.json`);
          this.load.animation(`${name}-anims`, `${name}.anims.json`);
        },
        create() {
          there(this);
        },
      },
    });
    game.events.once("contextlost", failed);
  });
  const texture = scene.textures.get(name);
  const sprite = scene.add.sprite(at, at, name);
  const frames = {};
  for (const frame of texture.getFrameNames()) {
    sprite.setFrame(frame);
    await new Promise((there) => scene.game.events.once("postrender", there));
    const drawn = scene.game.canvas.getContext("2d").getImageData(0, 0, size, size);
    frames[frame] = { pixels: Array.from(drawn.data), size: [sprite.width, sprite.height] };
  }
  const animations = {};
  for (const [key, animation] of Object.entries(scene.anims.anims.entries)) {
    const { frameRate, msPerFrame } = animation;
    const state = { currentAnim: animation, currentFrame: null, frameRate, msPerFrame, delay: 0 };
    animations[key] = animation.frames.map((frame) => {
      state.currentFrame = frame;
      state.accumulator = state.nextTick = 0;
      animation.getNextTick(state);
      return [frame.textureFrame, state.nextTick];
    });
  }
  scene.game.destroy(true);
  return { frames, animations };
};
