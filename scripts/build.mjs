import { build as bundle } from "rolldown";
import { build as bundlePages } from "vite";
import config from "../rolldown.config.mjs";
import { bundlePapers } from "./bundle-papers.mjs";

// The program first, since it empties the folder; then the dashboard's pages beside it, and the papers of both.
const papers = bundlePapers();
await bundle({ ...config, plugins: [papers.collect] });
await bundlePages({ root: "web", configFile: "web/vite.config.ts", plugins: [papers.collect], logLevel: "warn" });
papers.write("dist");
