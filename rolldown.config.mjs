import { globSync } from "node:fs";
import { basename } from "node:path";
import { defineConfig } from "rolldown";

// Workers cannot be split off by the bundler: each is an entry of its own.
const workers = globSync("src/main/worker/*.worker.ts").map((file) => [basename(file, ".ts"), file]);

export default defineConfig({
  input: { main: "src/main/cli.ts", ...Object.fromEntries(workers) },
  platform: "node",
  output: { dir: "dist", format: "esm", cleanDir: true, chunkFileNames: "[name]-[hash].js" },
  // A warning is a bundle that breaks when it runs, such as an import that cannot be found and is left as it stands.
  onLog: (level, log, handle) => handle(level === "warn" ? "error" : level, log),
});
