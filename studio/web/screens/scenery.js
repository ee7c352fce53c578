// A picture where it will stand: in a screenshot of the game, on its ground line, its neighbours
// beside it. All are enlarged alike, so that sizes compare.

const SHARE = 0.4; // of the pane's width, that the picture takes at most
const LINE = 0.78; // share of the pane's height at which the ground line is, where there is room
const GAP = 0.25; // of the picture's width, between neighbours
const OPAQUE = 128;
const feet = new WeakMap();

// Screen pixels for each of the screenshot's: a whole number where one fits, and at least so many
// that no edge of the screenshot comes inside the pane.
export function enlargement(scene, picture, pane) {
  const wanted = (SHARE * pane.width) / (picture.width * scene.scale);
  const cover = Math.max(pane.width / scene.width, pane.height / scene.height);
  return Math.max(cover, wanted >= 1 ? Math.floor(wanted) : wanted);
}

// Where the screenshot's corner lies in the pane, so that the place on the ground line is in the
// middle, moved by [x, y] in screen pixels, as far as no edge comes inside.
export function corner(scene, factor, pane, x = 0, y = 0) {
  const left = pane.width / 2 - scene.x * scene.width * factor + x;
  const top = pane.height * LINE - scene.ground * scene.height * factor + y;
  return {
    left: Math.min(0, Math.max(pane.width - scene.width * factor, left)),
    top: Math.min(0, Math.max(pane.height - scene.height * factor, top)),
  };
}

// Left edges of neighbours around a picture whose middle is at `middle`: right, left, right, ...
export function placesBeside(middle, width, widths) {
  const ends = { right: middle + width / 2, left: middle - width / 2 };
  return widths.map((one, place) => {
    if (place % 2) {
      ends.left -= GAP * width + one;
      return ends.left;
    }
    const edge = ends.right + GAP * width;
    ends.right = edge + one;
    return edge;
  });
}

// Rows of a picture down to its lowest opaque one: it stands on that, whatever is empty below.
export function footOf(image) {
  if (!feet.has(image)) feet.set(image, measureFoot(image));
  return feet.get(image);
}

function measureFoot(image) {
  const { naturalWidth: width, naturalHeight: height } = image;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  for (let at = data.length - 1; at > 0; at -= 4) {
    if (data[at] >= OPAQUE) return Math.ceil((at + 1) / 4 / width);
  }
  return height;
}

// Hangs a loaded picture into the pane's scene. `look` is what zooms and moves it.
export function hangInScene(pane, scene, image, look) {
  const size = { width: pane.clientWidth, height: pane.clientHeight };
  const picture = { width: image.naturalWidth, height: image.naturalHeight };
  const factor = enlargement(scene, picture, size) * look.zoom;
  const { left, top } = corner(scene, factor, size, look.x * size.width, look.y * size.height);
  pane.classList.add("scene");
  pane.style.backgroundImage = `url("${scene.url}")`;
  pane.style.backgroundSize = `${scene.width * factor}px ${scene.height * factor}px`;
  pane.style.backgroundPosition = `${left}px ${top}px`;
  const grown = scene.scale * factor; // screen pixels for each of the picture's
  const middle = left + scene.x * scene.width * factor;
  const line = top + scene.ground * scene.height * factor;
  const beside = readyNeighbours(pane, scene, () => hangInScene(pane, scene, image, look));
  const longest = Math.max(picture.width, picture.height);
  const sizes = beside.map((one) => {
    // A real picture may have many more pixels than one that is drawn.
    return Math.min(1, longest / Math.max(one.naturalWidth, one.naturalHeight)) * grown;
  });
  const widths = beside.map((one, place) => one.naturalWidth * sizes[place]);
  const edges = placesBeside(middle, picture.width * grown, widths);
  beside.forEach((one, place) => stand(one, edges[place], line, sizes[place]));
  stand(image, middle - (picture.width * grown) / 2, line, grown);
  const wanted = [...beside, image];
  if (wanted.length !== pane.childElementCount || wanted.some((one, at) => pane.children[at] !== one)) {
    pane.replaceChildren(...wanted);
  }
}

function stand(image, left, line, grown) {
  const { style } = image;
  image.classList.toggle("smooth", grown < 1);
  style.width = `${image.naturalWidth * grown}px`;
  style.left = `${left}px`;
  style.top = `${line - footOf(image) * grown}px`;
  style.transform = style.clipPath = style.background = "";
}

// Those that are loaded; `again` is called when another one is.
function readyNeighbours(pane, scene, again) {
  const named = scene.neighbours.join();
  if (pane.hsNeighbours?.named !== named) {
    const images = scene.neighbours.map((url) => {
      const image = new Image();
      image.alt = "";
      image.draggable = false;
      image.onload = () => pane.classList.contains("scene") && pane.hsNeighbours.again();
      image.src = url;
      return image;
    });
    pane.hsNeighbours = { named, images };
  }
  pane.hsNeighbours.again = again;
  return pane.hsNeighbours.images.filter((one) => one.complete && one.naturalWidth);
}

// The pane as it was without a scene.
export function leaveScene(pane, image) {
  if (!pane.classList.contains("scene")) return;
  pane.classList.remove("scene");
  pane.style.backgroundImage = pane.style.backgroundSize = pane.style.backgroundPosition = "";
  pane.replaceChildren();
  image.style.left = image.style.top = "";
}
