// A picture on which a click sets a pin. Two number fields on the page do the same by keyboard.

export function mount(component) {
  const { parentElement, data, setTriggerValue } = component;
  const box = parentElement.querySelector(".pinned");
  const image = box.querySelector("img");
  const longest = Math.max(data.width, data.height);
  const factor = longest && longest <= data.side ? Math.floor(data.side / longest) : 0;
  if (image.getAttribute("src") !== data.url) image.src = data.url;
  image.alt = data.alt;
  image.classList.toggle("smooth", !factor);
  const shrunk = longest ? Math.round((data.side * data.width) / longest) : data.side;
  image.style.width = `${factor ? data.width * factor : shrunk}px`;
  const pin = box.querySelector(".pin");
  const put = (place) => {
    pin.hidden = !place;
    if (place) [pin.style.left, pin.style.top] = place.map((share) => `${share * 100}%`);
  };
  put(data.pin);
  box.onclick = (event) => {
    const at = image.getBoundingClientRect();
    const place = [(event.clientX - at.left) / at.width, (event.clientY - at.top) / at.height];
    if (place.some((share) => share < 0 || share > 1)) return;
    put(place);
    setTriggerValue("placed", place.map((share) => Math.round(share * 1000) / 1000));
  };
}
