import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { succeed } from "./run.ts";
import { scanDirectories } from "./scanDirectories.ts";

// RubyGems itself evaluates the gemspecs of Debian's Ruby, and says which gem each dependency would activate.

const LISTING = `
require "json"
gems = Gem::Specification.to_a
name = ->(one) { "#{one.name} #{one.version}#{one.platform == "ruby" ? "" : " #{one.platform}"}" }
edges = gems.flat_map do |one|
  one.runtime_dependencies.filter_map do |need|
    found = need.matching_specs(true).max_by(&:version)
    "#{name.(one)} -> #{name.(found)}" if found
  end
end
facts = gems.to_h { |one| [name.(one), [one.licenses, one.authors.join(", "), one.summary.to_s.strip]] }
puts JSON.dump(path: Gem.path, gems: gems.map(&name), edges: edges.uniq, facts: facts)
`;

interface Truth {
  readonly path: readonly string[];
  readonly gems: readonly string[];
  readonly edges: readonly string[];
  readonly facts: Readonly<Record<string, readonly [licenses: readonly string[], authors: string, summary: string]>>;
}

describe("gems of Debian's Ruby", async () => {
  const listed = await succeed("/usr/bin/ruby", ["-e", LISTING], { env: { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8" } });
  const truth = JSON.parse(listed) as Truth;
  const found = await scanDirectories(truth.path.filter((path) => existsSync(path)));
  const gems = found.packages.filter(({ type }) => type === "gem");
  const names = new Map(
    gems.map(({ id, name, version, purl }) => {
      const platform = /[?&]platform=([^&]*)/.exec(purl)?.[1];
      return [id, `${name} ${version ?? ""}${platform === undefined ? "" : ` ${platform}`}`];
    }),
  );

  it("are all found, and nothing else", () => {
    expect([...names.values()].toSorted()).toEqual([...new Set(truth.gems)].toSorted());
    expect(truth.gems.length).toBeGreaterThan(80);
    expect(found.unknowns).toEqual([]);
  });

  it("need what RubyGems would activate", () => {
    const edges = found.edges.flatMap(({ from, to }) =>
      names.has(from) ? `${names.get(from)} -> ${names.get(to)}` : [],
    );
    expect(edges.toSorted()).toEqual([...truth.edges].toSorted());
    expect(edges).toContain("sinatra 3.0.5 -> mustermann 3.0.0");
  });

  it("say what their gemspecs say", () => {
    for (const { id, licenses, supplier, description } of gems) {
      const [ofTruth = [], authors = "", summary = ""] = truth.facts[names.get(id) ?? ""] ?? [];
      expect(licenses).toHaveLength(new Set(ofTruth).size);
      expect(supplier ?? "").toBe(authors.slice(0, 300));
      expect(description ?? "").toBe(summary.replace(/\s+/g, " ").slice(0, 500));
    }
  });
});
