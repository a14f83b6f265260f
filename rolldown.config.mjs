import { defineConfig } from "rolldown";

export default defineConfig({
  input: { main: "src/main/cli.ts", "inflate.worker": "src/main/worker/inflate.worker.ts" },
  platform: "node",
  output: { dir: "dist", format: "esm", cleanDir: true, chunkFileNames: "[name]-[hash].js" },
});
