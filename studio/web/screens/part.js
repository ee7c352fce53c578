// The desk of masks for a part of a picture that is drawn anew: what is painted is white, and each
// step is sent at once.

import { mount as mountMask } from "./mask.js";

export function mount(component) {
  mountMask(component);
}
