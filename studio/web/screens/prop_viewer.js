// One prop, live, in a page of its own inside a frame: turned, as wires, by its normals, beside a
// person, on the ground that suits. model-viewer shows it; what that does not offer is done to the
// three.js scene that it holds.

import { readGround } from "./ground.js";

const SHELF = "housestyle prop viewer";
const GROUNDS = { dark: () => "#202228", light: () => "#f2efe8", engine: () => readGround().colour };
const KEYS = { t: "turn", l: "wire", m: "normals", h: "person", g: "ground", 0: "fit" };
const ZOOMS = { "+": "nearer", "=": "nearer", "-": "farther", "−": "farther" };
const STEP = 3; // key presses of model-viewer's own zoom
const ROOM = 0.45; // metres from the prop to the middle of the person
const DOES = {
  turn: (s) => toggle(s, "turn"),
  wire: (s) => toggleLook(s, "wire"),
  normals: (s) => toggleLook(s, "normals"),
  person: (s) => toggle(s, "person"),
  ground: (s) => takeNextGround(s),
  nearer: (s) => s.viewer.zoom(STEP),
  farther: (s) => s.viewer.zoom(-STEP),
  fit: fitAgain,
};
// How a material's picture is written over. Each is a function of its own text, by which three.js
// tells their programs apart.
const LOOKS = {
  wire: (shader) => {
    endWith(shader, "gl_FragColor = vec4(0.35, 0.72, 0.68, 1.0);");
  },
  normals: (shader) => {
    const own = "varying vec3 vOwnNormal;\n";
    const place = "#include <project_vertex>";
    shader.vertexShader =
      own + shader.vertexShader.replace(place, `${place}\nvOwnNormal = normalMatrix * normal;`);
    shader.fragmentShader = own + shader.fragmentShader;
    endWith(
      shader,
      `#ifdef STANDARD
        vec3 shownNormal = normal;
      #else
        vec3 shownNormal = normalize(vOwnNormal + vec3(0.0, 0.0, 1e-6));
        if (!gl_FrontFacing) shownNormal = -shownNormal;
      #endif
      gl_FragColor = vec4(0.5 + 0.5 * shownNormal, gl_FragColor.a);`,
    );
  },
};

// Begins in the frame's page, whose one screen it is.
export async function mount(page) {
  const viewer = page.querySelector("model-viewer");
  const s = { page, viewer, look: "", plain: new Map(), ...readShelf() };
  drawButtons(s);
  for (const button of page.querySelectorAll("[data-do]")) {
    button.addEventListener("click", () => act(s, button.dataset.do));
  }
  page.addEventListener("keydown", (event) => takeKey(s, event));
  addEventListener("storage", () => drawButtons(s)); // the engine's colour, changed elsewhere
  viewer.addEventListener("load", () => takeLoaded(s));
  viewer.addEventListener("error", () => tell(s, "The model can't be shown. Load the page again."));
  const Viewer = await customElements.whenDefined("model-viewer");
  Viewer.minimumRenderScale = 1; // pixels stay sharp
  if (viewer.loaded) takeLoaded(s);
}

function act(s, what) {
  DOES[what](s);
  drawButtons(s);
  storeShelf(s);
}

function takeKey(s, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const what = KEYS[event.key.toLowerCase()] ?? ZOOMS[event.key];
  if (!what) return;
  event.preventDefault();
  act(s, what);
}

function toggle(s, name) {
  s[name] = !s[name];
  if (name === "person") placePerson(s);
}

function toggleLook(s, look) {
  s.look = s.look === look ? "" : look;
  showLook(s);
}

function takeNextGround(s) {
  const names = Object.keys(GROUNDS);
  s.ground = names[(names.indexOf(s.ground) + 1) % names.length];
}

function fitAgain(s) {
  s.viewer.cameraOrbit = "30deg 75deg auto";
  s.viewer.fieldOfView = "auto";
  s.viewer.cameraTarget = "auto auto auto";
  s.viewer.resetTurntableRotation();
  s.viewer.updateComplete.then(() => s.viewer.jumpCameraToGoal());
}

function drawButtons(s) {
  const looks = { wire: s.look === "wire", normals: s.look === "normals" };
  const on = { turn: s.turn, person: s.person, ...looks };
  for (const [name, pressed] of Object.entries(on)) {
    s.page.querySelector(`[data-do=${name}]`).setAttribute("aria-pressed", String(!!pressed));
  }
  s.page.querySelector("[data-part=ground]").textContent = s.ground;
  s.page.querySelector(".stage").style.setProperty("--ground", GROUNDS[s.ground]());
  s.viewer.autoRotate = s.turn;
}

// The model is there, alone or beside the person.
function takeLoaded(s) {
  s.plain.clear();
  if (!s.beside) {
    const size = s.viewer.getDimensions();
    const middle = s.viewer.getBoundingBoxCenter();
    s.place = { x: middle.x - size.x / 2 - ROOM, y: middle.y - size.y / 2, z: middle.z };
    s.size = `${sayLength(size.x)} wide, ${sayLength(size.y)} high, ${sayLength(size.z)} deep`;
    if (s.person) placePerson(s);
  }
  showLook(s);
  tell(s, s.person ? `${s.size}, beside a person of 1.75 m.` : `${s.size}.`);
}

// A person stands to the left of the prop, on its ground; the view makes room for both.
function placePerson(s) {
  s.beside?.remove();
  s.beside = null;
  if (!s.place) return; // the prop itself is on its way
  if (s.person) {
    const told = Object.entries(s.place).map(([name, metres]) => [name, metres.toFixed(3)]);
    s.beside = document.createElement("extra-model");
    s.beside.src = `/props/person.glb?${new URLSearchParams(told)}`;
    s.viewer.append(s.beside);
  }
}

// Wires and normals of the prop, not of the person.
function showLook(s) {
  const scene = sceneOf(s.viewer);
  const model = scene?.models[0];
  if (!model) return;
  model.traverse((mesh) => {
    for (const material of [mesh.material ?? []].flat()) drawMaterial(s, material);
  });
  scene.queueRender();
}

function drawMaterial(s, material) {
  const { alphaTest, transparent, onBeforeCompile } = material;
  if (!s.plain.has(material)) s.plain.set(material, { alphaTest, transparent, onBeforeCompile });
  const plain = s.plain.get(material);
  const wire = s.look === "wire"; // edges are seen where the picture is transparent, too
  Object.assign(material, plain, wire ? { alphaTest: 0, transparent: false } : {});
  material.wireframe = wire;
  if (s.look) material.onBeforeCompile = LOOKS[s.look];
  material.needsUpdate = true;
}

function endWith(shader, code) {
  const place = "#include <dithering_fragment>";
  shader.fragmentShader = shader.fragmentShader.replace(place, `${place}\n${code}`);
}

function sceneOf(viewer) {
  const key = Object.getOwnPropertySymbols(viewer).find((one) => one.description === "scene");
  return key && viewer[key];
}

function tell(s, text) {
  s.page.querySelector("[data-part=told]").textContent = text;
}

function sayLength(metres) {
  return metres < 1 ? `${(100 * metres).toFixed(1)} cm` : `${metres.toFixed(2)} m`;
}

function readShelf() {
  const usual = { ground: "dark", person: false, turn: false };
  try {
    const { ground, person, turn } = { ...usual, ...JSON.parse(localStorage.getItem(SHELF)) };
    return { ground: GROUNDS[ground] ? ground : "dark", person: !!person, turn: !!turn };
  } catch {
    return usual;
  }
}

function storeShelf({ ground, person, turn }) {
  try {
    localStorage.setItem(SHELF, JSON.stringify({ ground, person, turn }));
  } catch {
    // it is asked for again next time
  }
}
