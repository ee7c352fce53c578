// Shows a GLB in model-viewer, and tells what three.js has made of it: its box, its triangles, and
// of each material that has a texture its sampler and the texture's own pixels.

async (address) => {
  const viewer = document.createElement("model-viewer");
  viewer.loading = "eager";
  viewer.style.width = viewer.style.height = "200px";
  const isThere = new Promise((there, failed) => {
    viewer.addEventListener("load", there);
    viewer.addEventListener("error", (event) => failed(new Error(JSON.stringify(event.detail))));
  });
  viewer.src = address;
  document.body.append(viewer);
  await isThere;
  const key = Object.getOwnPropertySymbols(viewer).find((one) => one.description === "scene");
  const size = viewer.getDimensions();
  const middle = viewer.getBoundingBoxCenter();
  const told = { size: [size.x, size.y, size.z], middle: [middle.x, middle.y, middle.z] };
  const meshes = [];
  viewer[key].traverse((one) => {
    if (one.isMesh && one.geometry.index && one.material.isMeshStandardMaterial) meshes.push(one);
    else if (one.isMesh && one.material.name === "glass") meshes.push(one);
  });
  told.meshes = meshes.map((mesh) => ({
    triangles: mesh.geometry.index.count / 3,
    material: mesh.material.name,
    transparent: mesh.material.transparent,
    alphaTest: mesh.material.alphaTest,
    doubleSided: mesh.material.side === 2,
    texture: mesh.material.map && readTexture(mesh.material.map),
  }));
  viewer.remove();
  return told;

  function readTexture(texture) {
    const { width, height } = texture.image;
    const canvas = new OffscreenCanvas(width, height).getContext("2d");
    canvas.drawImage(texture.image, 0, 0);
    return {
      width,
      height,
      flipped: texture.flipY,
      filters: [texture.magFilter, texture.minFilter],
      wraps: [texture.wrapS, texture.wrapT],
      pixels: [...canvas.getImageData(0, 0, width, height).data],
    };
  }
};
