import { VERSION } from "#main/version.ts";

// Scripts ask for the version all the time: it is answered before anything is loaded.
if (process.argv.length === 3 && process.argv[2] === "--version") {
  process.stdout.write(`waybill ${VERSION}\n`);
} else {
  // Should the program ever end without an answer (nothing left to wait for), it must not look like "yes".
  process.exitCode = 70;
  const { runProgram } = await import("#main/program.ts");
  await runProgram(process.argv.slice(2));
}
