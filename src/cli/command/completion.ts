import { defineCommand } from "#cli/command.ts";
import { SHELLS, completionScript } from "#cli/completionScript.ts";
import { flag } from "#cli/flag.ts";
import { WaybillError } from "#core/errors.ts";

export const command = defineCommand({
  positionals: [{ name: "SHELL", suggests: SHELLS }],
  description:
    "Prints a script that has bash, zsh or fish complete commands, flags and their values. What may follow is asked of the program itself, so that the script stays right when the program is replaced; waybill must be on the PATH. bash: source <(waybill completion bash) in ~/.bashrc. zsh: source <(waybill completion zsh) in ~/.zshrc, after compinit. fish: waybill completion fish | source in ~/.config/fish/config.fish.",
  flags: {
    also: flag.list({
      value: "NAME",
      separator: ",",
      summary: "complete this name, too, such as cosign after alias cosign=waybill; may repeat",
    }),
  },
  examples: [
    ["source <(waybill completion bash)", "in this bash"],
    ["waybill completion zsh > ~/.zfunc/_waybill", "for every zsh that has ~/.zfunc in its fpath"],
    ["waybill completion fish > ~/.config/fish/completions/waybill.fish", "for every fish"],
    ["source <(waybill completion bash --also cosign)", "where alias cosign=waybill is in force"],
  ],
  run: async ({ io, args, flags }) => {
    const shell = SHELLS.find((one) => one === args[0]);
    if (shell === undefined)
      throw new WaybillError("USAGE_INVALID", `there is no completion for ${JSON.stringify(args[0]?.slice(0, 80))}`, {
        hint: `Shells: ${SHELLS.join(", ")}.`,
      });
    await io.print(completionScript(shell, ["waybill", ...flags.also.map(checkName)]));
    return 0;
  },
});

/** The name becomes a word of a script. */
const checkName = (name: string): string => {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/.test(name)) return name;
  throw new WaybillError("USAGE_INVALID", `--also ${JSON.stringify(name.slice(0, 80))} is no name of a program`, {
    hint: "Write a name of letters, digits, dots, dashes and underscores.",
  });
};
