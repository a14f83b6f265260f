import { existsSync } from "node:fs";
import { build } from "vite";

// The dashboard of a checkout that nobody has built yet; what is there stays, since npm run build makes it anew.
if (!existsSync("dist/web/index.html")) {
  await build({ root: "web", configFile: "web/vite.config.ts", logLevel: "warn" });
}
