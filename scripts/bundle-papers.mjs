import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** @typedef {{ name: string, version: string, license: string, directory: string, location: string }} Package */

/**
 * The papers of what is bundled, from the modules that are really in it: `collect` is a plugin for each bundler's run, and
 * `write` puts the papers into a folder at the end: `sbom.cdx.json` (CycloneDX 1.6) and `licenses.txt` (the licence texts,
 * which must travel with the code). The same sources and lockfile give the same bytes.
 */
export const bundlePapers = () => {
  const directories = new Set();
  return {
    collect: {
      name: "bundle-papers",
      generateBundle(_options, bundle) {
        for (const directory of includedDirectories(bundle)) directories.add(directory);
      },
    },
    write: (folder) => {
      const packages = [...directories].map(readPackage).sort((a, b) => (purl(a) < purl(b) ? -1 : 1));
      const lock = readJson("package-lock.json");
      writeFileSync(join(folder, "sbom.cdx.json"), writeSbom(packages, lock));
      writeFileSync(join(folder, "licenses.txt"), writeLicenses(packages));
    },
  };
};

const fail = (message) => {
  throw new TypeError(message);
};

const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));

/** Folders of the npm packages of which code is in the bundle. */
const includedDirectories = (bundle) =>
  Object.values(bundle)
    .filter((chunk) => chunk.type === "chunk")
    .flatMap((chunk) => Object.entries(chunk.modules))
    .filter(([, module]) => module.renderedLength > 0)
    .map(([id]) => packageDirectory(id))
    .filter((directory) => directory !== undefined);

/** Innermost package that a module belongs to; undefined for our own sources. */
const packageDirectory = (id) => {
  const match = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id.replaceAll("\\", "/").replace(/^\0/, ""));
  return match?.[1];
};

/** @returns {Package} */
const readPackage = (directory) => {
  const { name, version, license } = readJson(join(directory, "package.json"));
  if (typeof license !== "string") fail(`${name}: package.json names no licence; find out before shipping it`);
  return { name, version, license, directory, location: directory.slice(directory.indexOf("node_modules/")) };
};

// purl-spec, npm: the scope is the namespace and its @ is percent-encoded.
const purl = ({ name, version }) => `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;

const writeSbom = (packages, lock) => {
  const own = readJson("package.json");
  const root = { name: own.name, version: own.version };
  const document = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      lifecycles: [{ phase: "build" }],
      component: {
        type: "application",
        "bom-ref": purl(root),
        name: own.name,
        version: own.version,
        description: own.description,
        licenses: [{ license: { id: own.license } }],
        purl: purl(root),
      },
    },
    components: packages.map((one) => writeComponent(one, lock.packages[one.location])),
    dependencies: writeDependencies(root, packages, lock),
    compositions: [{ aggregate: "complete", assemblies: [purl(root)] }],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
};

const writeComponent = (one, locked) => {
  if (locked?.version !== one.version) {
    fail(`${one.location}: installed is ${one.version}, locked is ${locked?.version}; run npm ci`);
  }
  const [, scope, name] = /^(?:(@[^/]+)\/)?(.*)$/.exec(one.name);
  const [algorithm, base64] = locked.integrity.split("-");
  return {
    type: "library",
    "bom-ref": purl(one),
    ...(scope === undefined ? {} : { group: scope }),
    name,
    version: one.version,
    // The hash is that of the archive in the registry, as npm itself states it.
    hashes: [{ alg: algorithm.replace("sha", "SHA-"), content: Buffer.from(base64, "base64").toString("hex") }],
    licenses: [/ (?:OR|AND|WITH) /.test(one.license) ? { expression: one.license } : { license: { id: one.license } }],
    purl: purl(one),
  };
};

/** What leads to a package within the bundle: our own sources for the direct ones, the lockfile's edges for the others. */
const writeDependencies = (root, packages, lock) => {
  const present = new Map(packages.map((one) => [one.location, one]));
  const direct = packages.filter(({ name, location }) => location === `node_modules/${name}` && isDirect(lock, name));
  const edges = packages.map((one) => ({
    ref: purl(one),
    dependsOn: requiredBy(lock.packages[one.location])
      .map((name) => resolveLocked(present, one.location, name))
      .filter((found) => found !== undefined)
      .map(purl)
      .sort(),
  }));
  return [{ ref: purl(root), dependsOn: direct.map(purl) }, ...edges];
};

const requiredBy = ({ dependencies = {}, optionalDependencies = {} }) =>
  Object.keys({ ...dependencies, ...optionalDependencies });

const isDirect = (lock, name) => {
  const { dependencies = {}, devDependencies = {} } = lock.packages[""];
  return name in dependencies || name in devDependencies;
};

/** Node's look-up: beside the package first, then outwards. */
const resolveLocked = (present, location, name) => {
  for (let at = location; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    const found = present.get(`${at === "" ? "" : `${at}/`}node_modules/${name}`);
    if (found !== undefined || at === "") return found;
  }
};

const writeLicenses = (packages) => {
  const head = "This program contains the following packages, each under its own licence.\n";
  const parts = packages.map(
    (one) => `${"=".repeat(80)}\n${one.name} ${one.version}\n${one.license}\n\n${licenseText(one)}\n`,
  );
  return [head, ...parts].join("\n");
};

// Licences that travel by address: CC0 asks for nothing, CC-BY 3.0 (section 4a) for its URI and the names of the authors.
const LICENSE_ADDRESSES = {
  "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/legalcode",
  "CC-BY-3.0": "https://creativecommons.org/licenses/by/3.0/legalcode",
};

/** The licence as a section of the README, where it stands there in full. */
const readmeLicense = (directory) => {
  const readme = readdirSync(directory).find((file) => /^readme\.md$/i.test(file));
  if (readme === undefined) return undefined;
  const sections = readFileSync(join(directory, readme), "utf8").split(/^#+ /m);
  const section = sections.find((one) => /^licen[cs]e/i.test(one));
  return section !== undefined && /Permission is hereby granted/.test(section)
    ? section.replace(/^.*\n/, "").trim()
    : undefined;
};

const licenseText = ({ name, license, directory }) => {
  const files = readdirSync(directory)
    .filter((file) => /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i.test(file))
    .sort();
  if (files.length > 0) return files.map((file) => readFileSync(join(directory, file), "utf8").trim()).join("\n\n");
  const told = readmeLicense(directory);
  if (told !== undefined) return told;
  const address = LICENSE_ADDRESSES[license];
  if (address === undefined)
    throw new TypeError(`${name} ships no text of its licence ${license}; find it before shipping`);
  const { author, contributors = [] } = readJson(join(directory, "package.json"));
  const authors = [author, ...contributors].filter(Boolean).map((one) => (typeof one === "string" ? one : one.name));
  return [address, ...(authors.length > 0 ? [`by ${authors.join(", ")}`] : [])].join("\n");
};
