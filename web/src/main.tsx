import { render } from "preact";
import { followHistory } from "./location.ts";
import { Shell } from "./shell.tsx";

const root = document.querySelector("#app");
followHistory();
if (root !== null) {
  root.replaceChildren();
  render(<Shell />, root);
}
