import { defineConfig } from "vite";

/** The dashboard as static files: everything in files of its own, since the pages' policy allows nothing inline. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    // A picture as a data: URL in a style sheet would be one more kind of source to allow.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2024",
    // `light-dark()` and cascade layers reach the browser as they are written.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    reportCompressedSize: false,
  },
});
