#!/usr/bin/env node
// solc for tools that want an executable: npm's WebAssembly build behind the two options of the native
// compiler that Ape, forge and Slither use. `solcjs` can't serve: it writes remarks to standard output.
// tools/setup.py installs it together with soljson.js, so it depends on nothing in this project.
"use strict";

const fs = require("fs");
const path = require("path");

const HOME = path.join(__dirname, "wasm-solc-0.8.37");

function option(argv, name) {
  const at = argv.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
  if (at < 0) return undefined;
  return argv[at].includes("=") ? argv[at].slice(name.length + 1) : argv[at + 1];
}

// soljson.js asks the table for a function at each call that may throw, and the engine makes a new object of it each
// time: a quarter of all that a compilation took.
function rememberFunctions() {
  const table = WebAssembly.Table.prototype;
  const { get, set } = table;
  const known = [];
  table.get = function (at) {
    return known[at] ?? (known[at] = get.call(this, at));
  };
  table.set = function (at, value) {
    known[at] = undefined;
    return set.call(this, at, value);
  };
}

// Sources that the input does not carry are read below the base path, as the native compiler does.
function reader(base) {
  return (name) => {
    const file = path.resolve(base, name);
    if (!fs.existsSync(file)) return { error: `File not found: ${file}` };
    return { contents: fs.readFileSync(file, "utf8") };
  };
}

function compile(input, read) {
  rememberFunctions(); // of the one module, which has one table
  const soljson = require(path.join(HOME, "soljson.js"));
  const put = (text, allocate) => {
    const size = soljson.lengthBytesUTF8(text) + 1;
    const buffer = allocate(size);
    soljson.stringToUTF8(text, buffer, size);
    return buffer;
  };
  const answer = soljson.addFunction((_context, kind, data, contents, error) => {
    const wanted = soljson.UTF8ToString(kind);
    const found = wanted === "source" ? read(soljson.UTF8ToString(data)) : { error: `no support for ${wanted}` };
    const [text, pointer] = found.contents === undefined ? [found.error, error] : [found.contents, contents];
    soljson.setValue(pointer, put(text, soljson._solidity_alloc), "*");
  }, "viiiii");
  // The input goes to the heap: as an argument of type string it would overflow the stack when it is large.
  const compiled = soljson._solidity_compile(put(input, soljson._malloc), answer, 0);
  return soljson.UTF8ToString(compiled);
}

function main(argv) {
  if (argv.includes("--version")) {
    // Kept beside the compiler: loading nine megabytes to tell the version would slow every Ape command.
    const version = fs.readFileSync(path.join(HOME, "version"), "utf8").trim();
    process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${version}\n`);
    return 0;
  }
  if (!argv.includes("--standard-json")) {
    process.stderr.write("this solc answers --version and --standard-json (input on stdin) only\n");
    return 1;
  }
  const input = fs.readFileSync(0, "utf8");
  const output = compile(input, reader(option(argv, "--base-path") || process.cwd()));
  process.stdout.write(output);
  return 0;
}

process.exitCode = main(process.argv.slice(2));
