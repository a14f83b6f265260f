import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deriveCpes } from "#sbom/cpe/deriveCpes.ts";
import { writeCpe } from "#sbom/cpe/writeCpe.ts";
import { parsePurl } from "#sbom/purl.ts";
import type { Package, PackageType } from "#sbom/package.ts";

// NISTIR 7695, figure 6-3, as far as names go that have no wild cards within a value.
const FORMATTED = /^cpe:2\.3:a(?::(?:\*|\\-|(?!-:)(?:[a-z0-9._-]|\\[!-/:-@[-`{-~])+)){10}$/;

const packageOf = (purl: string): Package => {
  const { type, namespace, name, version } = parsePurl(purl);
  return {
    id: purl,
    type: type as PackageType,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    version,
    purl,
    licenses: [],
    occurrences: [],
    introducedIn: 0,
    foundBy: "test",
  };
};

describe("writeCpe", () => {
  it.each([
    [{ vendor: "nodejs", product: "node.js", version: "18.19.0" }, "cpe:2.3:a:nodejs:node.js:18.19.0:*:*:*:*:*:*:*"],
    [
      { vendor: "A B", product: "c++", version: "1:2~rc1", targetSoftware: "node.js" },
      "cpe:2.3:a:a_b:c\\+\\+:1\\:2\\~rc1:*:*:*:*:node.js:*:*",
    ],
    [{ vendor: "-", product: "*", version: "?" }, "cpe:2.3:a:\\-:\\*:\\?:*:*:*:*:*:*:*"],
    [{ vendor: "müller", product: "x", version: "1" }, undefined],
    [{ vendor: "", product: "x", version: "1" }, undefined],
    [{ vendor: "v", product: "x".repeat(201), version: "1" }, undefined],
  ])("%j", (parts, cpe) => expect(writeCpe(parts)).toBe(cpe));

  it("is well formed whatever the names are", () => {
    const text = fc.oneof(fc.string({ unit: "binary-ascii" }), fc.string());
    fc.assert(
      fc.property(text, text, text, (vendor, product, version) => {
        const cpe = writeCpe({ vendor, product, version });
        expect(cpe === undefined || FORMATTED.test(cpe)).toBe(true);
      }),
    );
  });
});

describe("deriveCpes", () => {
  it.each([
    ["pkg:npm/lodash@4.17.20", "lodash:lodash:4.17.20:*:*:*:*:node.js"],
    ["pkg:npm/express@4.21.2", "openjsf:express:4.21.2:*:*:*:*:node.js"],
    ["pkg:npm/ms@2.1.3", "ms:ms:2.1.3:*:*:*:*:node.js", "ms_project:ms:2.1.3:*:*:*:*:node.js"],
    ["pkg:npm/%40babel/traverse@7.1.0", "babeljs:babel:7.1.0:*:*:*:*:node.js"],
    ["pkg:npm/%40acme/shop@1.0.0", "acme:shop:1.0.0:*:*:*:*:node.js"],
    ["pkg:pypi/django@4.2", "djangoproject:django:4.2:*:*:*:*:*"],
    ["pkg:pypi/six@1.16.0", "six:six:1.16.0:*:*:*:*:python", "six_project:six:1.16.0:*:*:*:*:python"],
    ["pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1", "apache:log4j:2.14.1:*:*:*:*:*"],
    ["pkg:maven/org.apache.kafka/kafka-clients@3.1", "apache:kafka-clients:3.1:*:*:*:*:*"],
    ["pkg:maven/com.fasterxml.jackson.core/jackson-databind@2.9", "fasterxml:jackson-databind:2.9:*:*:*:*:*"],
    ["pkg:maven/com.github.ben-manes.caffeine/caffeine@3.1", "ben-manes:caffeine:3.1:*:*:*:*:*"],
    ["pkg:maven/aopalliance/aopalliance@1.0", "aopalliance:aopalliance:1.0:*:*:*:*:*"],
    ["pkg:maven/mysql/mysql-connector-java@8.0.1", "oracle:mysql_connector\\/j:8.0.1:*:*:*:*:*"],
    ["pkg:golang/stdlib@1.22.3", "golang:go:1.22.3:*:*:*:*:*"],
    ["pkg:golang/github.com/gin-gonic/gin@v1.9.0", "gin-gonic:gin:1.9.0:*:*:*:*:go"],
    ["pkg:golang/golang.org/x/net@v0.17.0", "golang:net:0.17.0:*:*:*:*:go"],
    ["pkg:golang/k8s.io/client-go@v0.29.0", "kubernetes:client-go:0.29.0:*:*:*:*:go"],
    ["pkg:golang/example.org/x@v1.0.0"],
    ["pkg:composer/symfony/console@v6.1", "symfony:console:6.1:*:*:*:*:*"],
    ["pkg:gem/rails@7.0.4", "rubyonrails:rails:7.0.4:*:*:*:*:*"],
    ["pkg:nuget/Newtonsoft.Json@13.0.1", "newtonsoft:json.net:13.0.1:*:*:*:*:*"],
    ["pkg:nuget/Serilog.Sinks.Console@5", "serilog:serilog.sinks.console:5:*:*:*:*:.net"],
    ["pkg:conda/openssl@3.0", "openssl:openssl:3.0:*:*:*:*:*"],
    ["pkg:npm/lodash"],
    ["pkg:deb/debian/openssl@3.0"],
    ["pkg:generic/node@18"],
  ])("%s", (purl, ...cpes) => {
    expect(deriveCpes(packageOf(purl))).toEqual(cpes.map((cpe) => `cpe:2.3:a:${cpe}:*:*`));
  });
});
