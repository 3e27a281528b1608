#!/usr/bin/env node
// The npm compiler behind the native compiler's two commands that forge and py-solc-x use: `--version`, and
// `--standard-json` on stdin. The commit in the version is the same as the native binary's, and so is the bytecode.
"use strict";
const solc = require("solc");

const args = process.argv.slice(2);
if (args.includes("--version")) {
  const version = solc.version().replace("Emscripten.clang", "Linux.g++");
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${version}`);
} else if (args.includes("--standard-json")) {
  process.stdout.write(solc.compile(require("fs").readFileSync(0, "utf8")));
} else {
  console.error("solc.js answers only --version and --standard-json");
  process.exitCode = 1;
}
