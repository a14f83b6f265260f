// Tests and build need the Node that `npm ci` brings. npm 12 skips its install script where package.json does not allow it,
// and says nothing.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < 24 || (major === 24 && minor < 15)) {
  console.error(`error: this is Node ${process.versions.node}; Node 24.15 or newer is needed`);
  console.error(
    "hint: Run npm ci without --ignore-scripts (it brings Node 24), then start this through npm run or npm test.",
  );
  process.exit(2);
}
