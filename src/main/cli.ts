// Should the program ever end without an answer (nothing left to wait for), it must not look like "yes".
process.exitCode = 70;
const { runProgram } = await import("#main/program.ts");
await runProgram(process.argv.slice(2));
