import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Findings } from "#sbom/cataloger.ts";
import { ruby } from "#sbom/cataloger/ruby.ts";
import { fakeImage } from "../../../test/fakes/imageView.ts";
import type { FakeLayer } from "../../../test/fakes/imageView.ts";

const catalog = (...layers: readonly FakeLayer[]): Findings => ruby.catalog(fakeImage(layers, [ruby]).view);
const HOME = "usr/local/bundle";
const lines = (...body: readonly string[]): string =>
  ["# -*- encoding: utf-8 -*-", "", "Gem::Specification.new do |s|", ...body, "end", ""].join("\n");
const gem = (name: string, version: string, ...needs: readonly string[]): string =>
  lines(
    `  s.name = "${name}".freeze`,
    `  s.version = "${version}"`,
    ...needs.map(
      (need) =>
        `  s.add_runtime_dependency(%q<${need.split(" ", 1)[0]}>.freeze, ["${need.slice(need.indexOf(" ") + 1)}"])`,
    ),
  );
const installed = (home: string, name: string, version: string, ...needs: readonly string[]): FakeLayer => ({
  [`${home}/specifications/${name}-${version}.gemspec`]: gem(name, version, ...needs),
});
const arrows = (found: Findings): readonly string[] =>
  found.edges.map(({ from, to }) => `${from.slice(8)} ${to.slice(8)}`);

describe("ruby", () => {
  it("reads what RubyGems writes", () => {
    const path = `${HOME}/specifications/nokogiri-1.13.10-x86_64-linux.gemspec`;
    const found = catalog({
      [path]: lines(
        '  s.name = "nokogiri".freeze',
        '  s.version = "1.13.10"',
        '  s.platform = "x86_64-linux".freeze',
        "",
        '  s.required_rubygems_version = Gem::Requirement.new(">= 0".freeze) if s.respond_to? :required_rubygems_version=',
        '  s.authors = ["Mike Dalessio".freeze, "Aaron \\"P\\" Patterson".freeze]',
        '  s.homepage = "https://nokogiri.org".freeze',
        '  s.licenses = ["MIT".freeze, "Ruby".freeze]',
        '  s.summary = "Nokogiri (\\u92F8) makes\\nit easy".freeze',
        "  if s.respond_to? :add_runtime_dependency then",
        '    s.add_runtime_dependency(%q<racc>.freeze, ["~> 1.4"])',
        '    s.add_development_dependency(%q<rake>.freeze, ["~> 13.0"])',
        "  else",
        '    s.add_dependency(%q<racc>.freeze, ["~> 1.4"])',
        '    s.add_dependency(%q<rake>.freeze, ["~> 13.0"])',
        "  end",
      ),
      ...installed(HOME, "racc", "1.6.2"),
      ...installed(HOME, "rake", "13.0.6"),
    });
    expect(found.packages[0]).toEqual({
      id: "pkg:gem/nokogiri@1.13.10?platform=x86_64-linux",
      type: "gem",
      name: "nokogiri",
      version: "1.13.10",
      purl: "pkg:gem/nokogiri@1.13.10?platform=x86_64-linux",
      licenses: [{ expression: "MIT" }, { expression: "Ruby" }],
      licenseSource: "licenses",
      supplier: 'Mike Dalessio, Aaron "P" Patterson',
      description: "Nokogiri (鋸) makes it easy",
      homepage: "https://nokogiri.org",
      occurrences: [{ path, layer: 0 }],
      introducedIn: 0,
      foundBy: "ruby",
    });
    expect(arrows(found)).toEqual(["nokogiri@1.13.10?platform=x86_64-linux racc@1.6.2"]);
    expect(found).toMatchObject({ completeness: "complete", unknowns: [] });
  });

  it("finds default gems, gems of an application, and those that Bundler checked out", () => {
    const found = catalog({
      "usr/lib/ruby/gems/3.1.0/specifications/default/json-2.6.1.gemspec": gem("json", "2.6.1"),
      ...installed("srv/app/vendor/bundle/ruby/3.1.0", "puma", "6.0.0"),
      [`${HOME}/bundler/gems/rails-0a1b2c3d4e5f/activesupport/activesupport.gemspec`]: gem("activesupport", "7.1.0"),
      [`${HOME}/bundler/gems/loose-0a1b2c3d4e5f/loose.gemspec`]: lines(
        "  s.name = NAME",
        "  s.version = Loose::VERSION",
      ),
      [`${HOME}/gems/rack-2.2/rack.gemspec`]: gem("not-listed", "1"),
      [`${HOME}/gems/bundler-2.3.0/spec/data/specifications/fake-1.0.gemspec`]: gem("fake", "1.0"),
      "srv/gems/test/vendor/bundle/specifications/real-1.0.gemspec": gem("real", "1.0"),
    });
    expect(found.packages.map(({ id, properties }) => [id, properties])).toEqual([
      ["pkg:gem/activesupport@7.1.0", { revision: "0a1b2c3d4e5f" }],
      ["pkg:gem/json@2.6.1", { default: "true" }],
      ["pkg:gem/loose", { revision: "0a1b2c3d4e5f" }],
      ["pkg:gem/puma@6.0.0", undefined],
      ["pkg:gem/real@1.0", undefined],
    ]);
    expect(found.packages[2]).toMatchObject({ version: undefined, unknownReason: expect.stringContaining("version") });
  });

  it("reads what people write, and drops what would have to be run", () => {
    const found = catalog({
      [`${HOME}/specifications/a-1.0.gemspec`]: lines(
        "  spec.name        = 'a'",
        "  spec.version     = Gem::Version.new '1.0'",
        "  spec.licenses    = %w[MIT",
        "                        ISC]",
        '  spec.homepage    = "https://x/#{spec.name}"',
        '  spec.summary     = "#{system(%q(rm))}"',
        "  spec.authors     = [ENV['USER']]",
        '  spec.author      = "Who"',
        "  # spec.name = 'comment'",
        "  spec.add_dependency 'b', '>= 1', '< 3'",
        "  spec.add_dependency(name)",
        "  spec.name == 'other'",
      ),
      ...installed(HOME, "b", "2.0"),
    });
    expect(found.packages[0]).toMatchObject({
      id: "pkg:gem/a@1.0",
      licenses: [{ expression: "MIT" }, { expression: "ISC" }],
      supplier: "Who",
    });
    expect(found.packages[0]).not.toHaveProperty("homepage");
    expect(found.packages[0]).not.toHaveProperty("description");
    expect(arrows(found)).toEqual(["a@1.0 b@2.0"]);
  });

  it("takes name and version from the stub comment or the file's name, and states what has neither", () => {
    const found = catalog({
      [`${HOME}/specifications/a-1.0-java.gemspec`]: "# stub: a 1.0 java lib\n",
      [`${HOME}/specifications/b-c-2.0.1.gemspec`]: "Gem::Specification.load(1)\n",
      [`${HOME}/specifications/odd.gemspec`]: "nothing\n",
    });
    expect(found.packages.map(({ id }) => id)).toEqual(["pkg:gem/a@1.0?platform=java", "pkg:gem/b-c@2.0.1"]);
    expect(found.unknowns).toMatchObject([{ path: `${HOME}/specifications/odd.gemspec` }]);
  });

  it("links the highest version that a requirement allows, of all directories that the same Ruby looks into", () => {
    const system = "usr/lib/ruby/gems/3.1.0";
    const found = catalog({
      ...installed(HOME, "a", "1", "b ~> 2.2", "c >= 1", "d = 1.0.0"),
      ...Object.assign({}, ...["2.1", "2.9.3", "2.10.1", "3.0.rc1"].map((version) => installed(HOME, "b", version))),
      ...installed(HOME, "c", "1.1"),
      ...installed(system, "c", "2.0"),
      ...installed(system, "d", "1"),
      ...installed("srv/vendor/bundle/ruby/3.1.0", "d", "1.0"),
    });
    expect(arrows(found)).toEqual(["a@1 b@2.10.1", "a@1 c@2.0", "a@1 d@1"]);
    const other = catalog({
      ...installed("root/.rbenv/versions/3.2.2/lib/ruby/gems/3.2.0", "a", "1", "b >= 1"),
      ...installed("root/.rbenv/versions/2.7.8/lib/ruby/gems/2.7.0", "b", "1"),
    });
    expect(other).toMatchObject({ edges: [], completeness: "incomplete" });
    const gone = catalog({ ...installed(HOME, "a", "1", "b ~> 2.2"), ...installed(HOME, "b", "3.0") });
    expect(gone).toMatchObject({ edges: [], completeness: "incomplete" });
  });

  it("answers any gemspec", () => {
    const word = fc.constantFrom(
      "s.name",
      "s.licenses",
      "s.add_dependency",
      " = ",
      "(",
      '"',
      "'",
      "%q<",
      "%w[",
      "[",
      "]",
      ",",
      "#{",
      "\\",
      "\n",
      "a",
      "1.0",
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), (words) => {
        const found = catalog({ [`${HOME}/specifications/x-1.gemspec`]: words.join("") });
        expect(found.packages.length + found.unknowns.length).toBe(1);
      }),
    );
  });
});
