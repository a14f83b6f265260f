import { alone, follows, numbers, precedes } from "#sbom/classifier/classifier.ts";
import type { Classifier } from "#sbom/classifier/classifier.ts";

// `1.8.0_402-b06`, `17.0.10+7`; what vendors append (`-LTS`, `-1-deb12u1-Debian`) is no part of it.
const JAVA = "1\\.\\d\\.0_\\d{1,4}(?:-b\\d{1,3})?|\\d{2}(?:\\.\\d{1,3}){0,5}(?:\\+\\d{1,4})?";
const JAVA_REST = "(?:[-+~][\\w.+~-]{1,60})?\\0";

/** Language runtimes, interpreters and compilers. */
export const RUNTIME_CLASSIFIERS: readonly Classifier[] = [
  {
    product: "node",
    files: ["node", "nodejs", "libnode.so*"],
    cpe: "nodejs:node.js",
    license: "MIT",
    markers: [follows("\0node.js/v")],
  },
  {
    product: "bun",
    files: ["bun", "bunx"],
    cpe: "bun:bun",
    license: "MIT",
    markers: [follows("Bun v", numbers(3), "[\\n ]"), follows("\0bun-v")],
  },
  {
    product: "deno",
    files: ["deno"],
    cpe: "deno:deno",
    license: "MIT",
    // Rust's strings have no end: what follows may be any other string, and begin with a digit.
    markers: [follows("Deno/", numbers(3), "(?=Deno/|cli/)"), follows("release/v", numbers(3), "windows")],
  },
  {
    product: "python",
    files: ["python#", "libpython#.so*", "libpython#m.so*"],
    cpe: "python:python",
    license: "PSF-2.0",
    markers: [
      alone("3.", "3\\.\\d{1,2}\\.\\d{1,3}(?:(?:a|b|rc)\\d{1,2})?\\+?"),
      alone("2.", "2\\.7\\.\\d{1,2}\\+?"),
      // Linkers keep a string that another one ends with as the end of that: here of the directory that it was built in.
      follows("/Python-", numbers(3), "\\0"),
    ],
    requires: "PYTHONHOME",
  },
  {
    product: "perl",
    files: ["perl", "perl5*", "libperl.so*"],
    cpe: "perl:perl",
    license: "Artistic-1.0-Perl OR GPL-1.0-or-later",
    markers: [
      follows("\0v", "5\\.\\d{1,2}\\.\\d{1,3}", "\\0panic: "),
      follows("/lib/perl5/", "5\\.\\d{1,2}\\.\\d{1,3}", "[/\\0]"),
    ],
  },
  {
    product: "ruby",
    files: ["ruby", "ruby#", "libruby.so*", "libruby-#so*"],
    cpe: "ruby-lang:ruby",
    license: "Ruby OR BSD-2-Clause",
    markers: [follows("\0ruby ", `${numbers(3)}(?:(?:preview|rc)\\d{1,2})?`, "(?:p\\d{1,4}|dev)? \\(\\d{4}-")],
  },
  {
    product: "php",
    files: ["php", "php#", "php-cgi*", "php-cli*", "php-fpm*", "libphp*"],
    cpe: "php:php",
    license: "PHP-3.01",
    markers: [follows("X-Powered-By: PHP/", `${numbers(3)}(?:(?:alpha|beta|RC)\\d{1,2})?`, "[\\0\\r-]")],
  },
  {
    product: "lua",
    files: ["lua", "lua#", "liblua*"],
    cpe: "lua:lua",
    license: "MIT",
    markers: [follows("Lua ", numbers(3), "  Copyright \\(C\\) 1994-")],
  },
  {
    product: "luajit",
    files: ["luajit*", "libluajit*"],
    cpe: "luajit:luajit",
    license: "MIT",
    markers: [follows("\0LuaJIT ", `${numbers(3)}(?:-beta\\d{1,2})?`, " -- Copyright")],
  },
  {
    product: "openjdk",
    files: ["java", "libjava.so"],
    cpe: "oracle:openjdk",
    license: "GPL-2.0-only WITH Classpath-exception-2.0",
    markers: [
      follows("openjdk\0java\0", JAVA, JAVA_REST, "(?:0\\.0|1\\.\\d)\\0{1,12}"),
      precedes("openjdk\0java\0", JAVA, `${JAVA_REST}{1,12}`, "\\x000\\.0\\0{1,12}"),
    ],
    // The JVM's own description of itself says more.
    unless: "release",
  },
  {
    product: "erlang",
    files: ["OTP_VERSION"],
    cpe: "erlang:erlang/otp",
    license: "Apache-2.0",
    text: true,
    markers: [follows("\n", numbers(2, 6), "\\n?$")],
  },
  {
    product: "elixir",
    files: ["elixir.app"],
    cpe: "elixir-lang:elixir",
    license: "Apache-2.0",
    text: true,
    markers: [follows('{vsn,"', `${numbers(3)}(?:-rc\\.\\d{1,2})?`, '"')],
  },
  {
    product: "ghc",
    files: ["ghc", "ghc-#"],
    cpe: "haskell:ghc",
    license: "BSD-3-Clause",
    markers: [follows("-ghc", numbers(3), '(?:\\.so\\0|")')],
  },
  {
    product: "gcc",
    files: ["gcc", "gcc-#", "g++", "g++-#", "x86_64-linux-gnu-gcc-#", "aarch64-linux-gnu-gcc-#"],
    cpe: "gnu:gcc",
    license: "GPL-3.0-or-later WITH GCC-exception-3.1",
    markers: [precedes(") \0", numbers(3), "\\0\\([^\\0]{1,80}")],
    requires: "gcc version %s",
  },
  {
    product: "go",
    files: ["VERSION"],
    cpe: "golang:go",
    license: "BSD-3-Clause",
    text: true,
    markers: [follows("\ngo", `1\\.\\d{1,3}(?:\\.\\d{1,3}|(?:rc|beta)\\d{1,2})?`, "(?:\\n|$)")],
  },
  {
    product: "dart",
    files: ["dart", "dartaotruntime"],
    cpe: "dart:dart_software_development_kit",
    license: "BSD-3-Clause",
    markers: [precedes(" (stable) (", numbers(3)), precedes(" (beta) (", `${numbers(3)}-\\d{1,4}\\.\\d{1,2}\\.beta`)],
  },
  {
    product: "sbcl",
    files: ["sbcl"],
    cpe: "sbcl:steel_bank_common_lisp",
    markers: [precedes("SBCL %s\n", numbers(3), "(?:\\.\\w{1,20})?\\0")],
  },
  {
    product: "mono",
    files: ["mono", "mono-sgen"],
    cpe: "mono-project:mono",
    markers: [precedes("--version\0", numbers(4), "\\0")],
  },
];
