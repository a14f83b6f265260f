import type { GoModules } from "#sbom/golang/readModules.ts";

const SETTING = /-X[= ]?["']?([^\s"'=]+)=["']?([^\s"']+)/g;
// Programs are also told versions of other things: of the compiler, an API, a chart.
const VARIABLE =
  /\.(?:v|git|app|build|built|release|program|cli|binary|server|client|tool|product|current|full|raw|sem)?_?version$/i;
const RELEASE = /^v?(\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]*)?)$/;

/**
 * Version of the main module: as stated; else what the linker was told to write into a variable called version; else a
 * pseudo-version of the commit (go.dev/ref/mod, "Pseudo-versions"). Undefined when the program does not say.
 */
export const mainVersion = (modules: GoModules): string | undefined => {
  const stated = modules.main?.version ?? "";
  if (stated !== "" && stated !== "(devel)") return stated;
  return (
    linkedVersion(modules.settings.get("-ldflags") ?? "", modules.main?.path ?? "") ?? commitVersion(modules.settings)
  );
};

// `-X main.version=v1.2.3`. The program's own variable counts before one of a library that is told, too.
const linkedVersion = (flags: string, module: string): string | undefined => {
  const found = [...flags.slice(0, 20_000).matchAll(SETTING)].flatMap(([, name = "", value = ""]) => {
    const [, version] = RELEASE.exec(value) ?? [];
    return version !== undefined && VARIABLE.test(name) ? [{ name, version: `v${version}` }] : [];
  });
  const own = found.find(({ name }) => name.startsWith("main.") || (module !== "" && name.startsWith(`${module}/`)));
  return (own ?? found[0])?.version;
};

const commitVersion = (settings: ReadonlyMap<string, string>): string | undefined => {
  const [revision] = /^[0-9a-f]{12}(?=[0-9a-f]{28})/.exec(settings.get("vcs.revision") ?? "") ?? [];
  const time = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z$/.exec(settings.get("vcs.time") ?? "");
  if (revision === undefined || time === null) return undefined;
  const dirty = settings.get("vcs.modified") === "true" ? "+dirty" : "";
  return `v0.0.0-${time.slice(1).join("")}-${revision}${dirty}`;
};
