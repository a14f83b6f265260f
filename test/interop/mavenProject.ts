import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { succeed } from "./run.ts";

/** A library that Maven resolved for a project, and the jar that it copied. */
export interface ResolvedJar {
  /** `group:artifact:version` */
  readonly name: string;
  readonly fileName: string;
}

export interface MavenProject {
  readonly jars: readonly ResolvedJar[];
  readonly read: (fileName: string) => Buffer;
  /** Pairs of names of which the first pulled in the second. */
  readonly edges: readonly (readonly [string, string])[];
}

/** What Maven makes of the dependencies of a project; kept outside the tree, so that a second run needs no network. */
export const resolveMaven = async (name: string, dependencies: readonly string[]): Promise<MavenProject> => {
  const cache = process.env["WAYBILL_PEERS"] ?? join(homedir(), ".cache/waybill-peers");
  const folder = join(cache, "maven", name);
  if (!existsSync(folder)) await resolveInto(cache, folder, dependencies);
  const { jars, edges } = readTree(readFileSync(join(folder, "tree.txt"), "utf8"));
  const read = (fileName: string): Buffer => readFileSync(join(folder, "lib", fileName));
  if (readdirSync(join(folder, "lib")).length !== jars.length) throw new TypeError(`${folder}: not what Maven lists`);
  return { jars, read, edges };
};

const resolveInto = async (cache: string, folder: string, dependencies: readonly string[]): Promise<void> => {
  const work = `${folder}.new`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const elements = dependencies.map((one) => {
    const [group = "", artifact = "", version = "", scope = "compile"] = one.split(":");
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version><scope>${scope}</scope></dependency>`;
  });
  writeFileSync(
    join(work, "pom.xml"),
    `<project><modelVersion>4.0.0</modelVersion><groupId>com.example</groupId><artifactId>shop</artifactId>
<version>1</version><dependencies>${elements.join("\n")}</dependencies></project>`,
  );
  const plugin = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1";
  const repository = `-Dmaven.repo.local=${join(cache, "maven", "repository")}`;
  const goals = [`${plugin}:copy-dependencies`, `${plugin}:tree`];
  const options = ["-DincludeScope=runtime", "-Dscope=runtime", "-DoutputType=tgf"];
  const files = [`-DoutputDirectory=${join(work, "lib")}`, `-DoutputFile=${join(work, "tree.txt")}`];
  await succeed("mvn", ["-q", "-B", repository, ...goals, ...options, ...files], {
    cwd: work,
    env: { HOME: process.env["HOME"] ?? work },
    timeoutMs: 300_000,
  });
  renameSync(work, folder);
};

// Trivial Graph Format: `ID NAME` for each node, the project's own first, then `#`, then `FROM TO SCOPE` for each edge.
const readTree = (text: string): Pick<MavenProject, "jars" | "edges"> => {
  const [nodes = "", edges = ""] = text.split("\n#\n");
  const [root, ...libraries] = nodes.split("\n").map((line) => line.split(" ") as [string, string]);
  const named = new Map(libraries.map(([id, coordinates]) => [id, readCoordinates(coordinates)]));
  const pairs = edges
    .trim()
    .split("\n")
    .map((line) => line.split(" "));
  return {
    jars: [...named.values()],
    edges: pairs.flatMap(([from = "", to = ""]) =>
      from === root?.[0] ? [] : [[named.get(from)?.name ?? "", named.get(to)?.name ?? ""] as const],
    ),
  };
};

// `group:artifact:type[:classifier]:version:scope`
const readCoordinates = (coordinates: string): ResolvedJar => {
  const [group = "", artifact = "", , ...rest] = coordinates.split(":");
  const [version = "", classifier] = rest.length > 2 ? [rest[1], rest[0]] : [rest[0]];
  return {
    name: `${group}:${artifact}:${version}`,
    fileName: `${artifact}-${version}${classifier === undefined ? "" : `-${classifier}`}.jar`,
  };
};
