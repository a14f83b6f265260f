#!/usr/bin/env node
"use strict";
// Plain CommonJS that Node 14 can parse: an old Node must get as far as the message below, or to a newer Node.

var fs = require("fs");
var path = require("path");
var url = require("url");

var ROOT = path.join(__dirname, "..");
var NEEDED = [24, 15];
// Set for the Node that this launcher starts, so that two unfit ones cannot start each other for ever.
var GUARD = "WAYBILL_LAUNCHED";

function isFit(version) {
  var parts = version.split(".").map(Number);
  return parts[0] > NEEDED[0] || (parts[0] === NEEDED[0] && parts[1] >= NEEDED[1]);
}

/** The Node named by the user, else the one that a checkout has as development dependency. */
function findNode() {
  if (process.env.WAYBILL_NODE) return process.env.WAYBILL_NODE;
  try {
    var manifest = require.resolve("node/package.json", { paths: [__dirname] });
    var program = path.join(path.dirname(manifest), "bin", process.platform === "win32" ? "node.exe" : "node");
    return fs.existsSync(program) ? program : undefined;
  } catch {
    return undefined;
  }
}

function refuse(found, remedy) {
  process.stderr.write("error: USAGE_INVALID " + found + "; Waybill needs Node " + NEEDED.join(".") + " or newer\n");
  process.stderr.write("hint: " + remedy + "\n");
  process.exitCode = 2;
}

function refuseOld() {
  var remedy = fs.existsSync(path.join(ROOT, "src"))
    ? "Run npm ci here, which brings a Node that fits, or name one with WAYBILL_NODE."
    : "Install Node 24 from https://nodejs.org, name one with WAYBILL_NODE, or run: npx -p node@24 -p waybill waybill ...";
  refuse("this is Node " + process.versions.node, remedy);
}

/** Hands everything over to a newer Node and ends as it ends. */
function relaunch(program) {
  var env = Object.assign({}, process.env);
  env[GUARD] = "1";
  var child = require("child_process").spawn(program, [__filename].concat(process.argv.slice(2)), {
    stdio: "inherit",
    env: env,
  });
  // A terminal sends Ctrl-C to the child as well: forwarding it would count twice, and dying of it would lose the exit code.
  process.on("SIGINT", function () {});
  ["SIGTERM", "SIGHUP"].forEach(function (signal) {
    process.on(signal, function () {
      child.kill(signal);
    });
  });
  child.on("error", function (error) {
    refuse("cannot start " + program + " (" + error.code + ")", "Correct WAYBILL_NODE, or run npm ci in the checkout.");
  });
  child.on("exit", function (code, signal) {
    if (signal === null) {
      process.exitCode = code;
      return;
    }
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function isPrivateDirectory(directory) {
  var facts = fs.lstatSync(directory);
  return facts.isDirectory() && facts.uid === process.getuid() && (facts.mode & 63) === 0;
}

// Compiled code is code: it is kept only where nobody else can write. Node may spin for ever on a directory that cannot be
// made, so it is made here first.
function enableCompileCache() {
  var home = process.env.XDG_CACHE_HOME || (process.env.HOME && path.join(process.env.HOME, ".cache"));
  if (!home || !path.isAbsolute(home) || process.env.NODE_COMPILE_CACHE || !process.getuid) return;
  var directory = path.join(home, "waybill", "compiled");
  try {
    fs.mkdirSync(directory, { recursive: true, mode: 448 });
    if (isPrivateDirectory(directory)) require("module").enableCompileCache(directory);
  } catch {
    // A home that cannot be written only costs some milliseconds.
  }
}

function start() {
  delete process.env[GUARD];
  var source = path.join(ROOT, "src", "main", "cli.ts");
  var fromSource = process.env.WAYBILL_FROM !== "dist" && fs.existsSync(source);
  var program = fromSource ? source : path.join(ROOT, "dist", "main.js");
  if (!fs.existsSync(program)) {
    process.stderr.write("error: CONFIG_INVALID " + program + " is missing\nhint: Run npm run build.\n");
    process.exitCode = 2;
    return;
  }
  enableCompileCache();
  import(url.pathToFileURL(program).href).catch(function (error) {
    // Node would exit with 1, which says "no"; that the program does not load is no answer.
    process.stderr.write("error: INTERNAL the program cannot be loaded: " + error.message + "\n");
    process.exitCode = 70;
  });
}

function printVersion() {
  process.stdout.write("waybill " + require("../package.json").version + "\n");
}

function main() {
  if (isFit(process.versions.node)) {
    // Scripts ask for the version all the time: it is answered before anything is loaded.
    if (process.argv.length === 3 && process.argv[2] === "--version") printVersion();
    else start();
    return;
  }
  var program = process.env[GUARD] ? undefined : findNode();
  if (program === undefined) refuseOld();
  else relaunch(program);
}

main();
