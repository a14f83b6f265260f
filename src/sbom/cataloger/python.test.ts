import { describe, expect, it } from "vitest";
import type { Findings } from "#sbom/cataloger.ts";
import { python } from "#sbom/cataloger/python.ts";
import { fakeImage } from "../../../test/fakes/imageView.ts";
import type { FakeLayer } from "../../../test/fakes/imageView.ts";

const catalog = (...layers: readonly FakeLayer[]): Findings => python.catalog(fakeImage(layers, [python]).view);
const SITE = "usr/lib/python3.11/site-packages";
const metadata = (name: string, version = "1.0", ...more: readonly string[]): string =>
  [
    "Metadata-Version: 2.1",
    `Name: ${name}`,
    `Version: ${version}`,
    ...more,
    "",
    "A text.",
    "Requires-Dist: nothing",
  ].join("\n");
const ids = (found: Findings): readonly string[] => found.packages.map(({ id }) => id);
const arrows = (found: Findings): readonly string[] =>
  found.edges.map(({ from, to }) => `${from.slice(9)} ${to.slice(9)}`);
const dist = (site: string, name: string, ...requires: readonly string[]): FakeLayer => ({
  [`${site}/${name}-1.0.dist-info/METADATA`]: metadata(name, "1.0", ...requires.map((one) => `Requires-Dist: ${one}`)),
});

describe("python", () => {
  it("reads core metadata and what stands beside it", () => {
    const base = `${SITE}/Zope.Interface-7.2.dist-info`;
    const found = catalog({
      [`${base}/METADATA`]: metadata(
        "Zope.Interface",
        "7.2",
        "Summary: Interfaces\r",
        "Home-page: https://zope.dev",
        "Author: Zope Foundation",
        "Author-email: z@zope.dev",
        "License: ZPL 2.1",
        "Classifier: License :: OSI Approved :: Zope Public License",
      ),
      [`${base}/INSTALLER`]: "pip\n",
      [`${base}/REQUESTED`]: "",
      [`${base}/RECORD`]: "a,sha256=x,1",
      [`${base}/direct_url.json`]: JSON.stringify({
        url: "https://user:secret@github.com/zope/interface.git",
        vcs_info: { vcs: "git", commit_id: "abc123", requested_revision: "main" },
      }),
    });
    const purl = "pkg:pypi/zope-interface@7.2?vcs_url=git%2Bhttps://github.com/zope/interface.git%40abc123";
    expect(found.packages).toEqual([
      {
        id: purl.replaceAll("//", "%2F%2F").replaceAll("/zope/interface.git", "%2Fzope%2Finterface.git"),
        type: "pypi",
        name: "zope-interface",
        version: "7.2",
        purl: purl.replaceAll("//", "%2F%2F").replaceAll("/zope/interface.git", "%2Fzope%2Finterface.git"),
        licenses: [{ expression: "ZPL-2.1" }],
        licenseSource: "License",
        supplier: "Zope Foundation <z@zope.dev>",
        description: "Interfaces",
        homepage: "https://zope.dev",
        occurrences: [{ path: `${base}/METADATA`, layer: 0 }],
        introducedIn: 0,
        foundBy: "python",
        properties: { directUrl: "https://github.com/zope/interface.git", installer: "pip" },
      },
    ]);
    expect(found).toMatchObject({ direct: ids(found), completeness: "complete", unknowns: [] });
  });

  it.each([
    [
      "License-Expression: Apache-2.0 OR BSD-2-Clause",
      [{ expression: "Apache-2.0 OR BSD-2-Clause" }],
      "License-Expression",
    ],
    ["License: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License", [{ expression: "MIT" }], "Classifier"],
    ["License: BSD\nClassifier: License :: OSI Approved :: ISC License (ISCL)", [{ expression: "ISC" }], "Classifier"],
    ["License: BSD\nClassifier: License :: OSI Approved :: BSD License", [{ name: "BSD" }], "License"],
    ["Classifier: License :: OSI Approved", [], undefined],
    ["License: MIT License\n        \n        Copyright (c)\n        Permission", [{ expression: "MIT" }], "License"],
  ])("takes the most exact licence of %j", (lines, licenses, source) => {
    const [found] = catalog({ [`${SITE}/a-1.dist-info/METADATA`]: metadata("a", "1", lines) }).packages;
    expect([found?.licenses, found?.licenseSource]).toEqual([licenses, source]);
  });

  it("makes one package of the forms of one, and one name of its spellings", () => {
    const found = catalog({
      [`${SITE}/ruamel.yaml-1.0.dist-info/METADATA`]: metadata("ruamel.yaml", "1.0", "License: MIT"),
      [`${SITE}/ruamel.yaml-1.0-py3.11.egg-info`]: metadata("Ruamel_Yaml"),
      [`${SITE}/old-2.0.egg-info/PKG-INFO`]: metadata("old", "2.0"),
      [`${SITE}/zip-3.0-py3.11.egg/EGG-INFO/PKG-INFO`]: metadata("zip", "3.0"),
    });
    expect(ids(found)).toEqual(["pkg:pypi/old@2.0", "pkg:pypi/ruamel-yaml@1.0", "pkg:pypi/zip@3.0"]);
    expect(found.packages[1]).toMatchObject({ licenses: [{ expression: "MIT" }] });
    expect(found.packages[1]?.occurrences).toHaveLength(2);
    // The single file of distutils has no place for requirements.
    expect(found.completeness).toBe("incomplete");
  });

  it("evaluates markers for the interpreter that imports", () => {
    const requires = [
      "tomli ; python_version < '3.11'",
      "typing_extensions ; python_version < '3.12'",
      "colorama ; sys_platform == 'win32'",
    ];
    const others = ["tomli", "typing_extensions", "colorama"].map((name) => dist(SITE, name));
    expect(arrows(catalog(Object.assign({}, dist(SITE, "app", ...requires), ...others)))).toEqual([
      "app@1.0 typing-extensions@1.0",
    ]);
  });

  it("follows extras that packages ask for, and does not call those complete that a user may have asked for", () => {
    const layer = {
      ...dist(SITE, "app", "requests[socks]>=2"),
      ...dist(SITE, "requests", "PySocks ; extra == 'socks'", "chardet ; extra == 'use_chardet'"),
      ...dist(SITE, "pysocks"),
    };
    const found = catalog(layer);
    expect(arrows(found)).toEqual(["app@1.0 requests@1.0", "requests@1.0 pysocks@1.0"]);
    expect(found.completeness).toBe("complete");
    expect(catalog({ ...layer, ...dist(SITE, "chardet") })).toMatchObject({
      edges: found.edges,
      completeness: "incomplete",
    });
  });

  it("leaves an edge out where a variable is not known, and says so", () => {
    const layer = { ...dist(SITE, "app", "greenlet ; platform_machine == 'x86_64'"), ...dist(SITE, "greenlet") };
    expect(catalog(layer)).toMatchObject({ edges: [], completeness: "incomplete" });
    const wheel = "Wheel-Version: 1.0\nTag: cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64\n";
    const known = catalog({ ...layer, [`${SITE}/greenlet-1.0.dist-info/WHEEL`]: wheel });
    expect(known).toMatchObject({ edges: [expect.anything()], completeness: "complete" });
    const other = catalog({ ...layer, "usr/lib/aarch64-linux-gnu/libc.so": "" });
    expect(other).toMatchObject({ edges: [], completeness: "complete" });
  });

  it("is not complete where what is required is gone", () => {
    expect(catalog(dist(SITE, "app", "gone"))).toMatchObject({ edges: [], completeness: "incomplete" });
  });

  it("reads the requirements of eggs", () => {
    const egg = `${SITE}/app-1.0.egg-info`;
    const requires = 'a>=1\n\n[:python_version < "3"]\nb\n\n[test]\nc\n\n[x:python_version > "3"]\nd\n';
    const found = catalog({
      [`${egg}/PKG-INFO`]: metadata("app"),
      [`${egg}/requires.txt`]: requires,
      ...dist(SITE, "a"),
      ...dist(SITE, "b"),
      ...dist(SITE, "user", "app[x]"),
      ...dist(SITE, "d"),
    });
    expect(arrows(found)).toEqual(["app@1.0 a@1.0", "app@1.0 d@1.0", "user@1.0 app@1.0"]);
  });

  it("links a virtual environment with the system only where it says so", () => {
    const layer = {
      ...dist("opt/venv/lib/python3.11/site-packages", "app", "requests"),
      ...dist("usr/lib/python3/dist-packages", "requests"),
      "usr/bin/python3.11": "",
      "usr/bin/python3": { link: "python3.11" },
    };
    const config = (word: string): FakeLayer => ({
      "opt/venv/pyvenv.cfg": `home = /usr/bin\ninclude-system-site-packages = ${word}\nversion = 3.11.2\n`,
    });
    expect(arrows(catalog({ ...layer, ...config("false") }))).toEqual([]);
    expect(arrows(catalog({ ...layer, ...config("true") }))).toEqual(["app@1.0 requests@1.0"]);
  });

  it("knows which directories belong to one interpreter", () => {
    const debian = {
      ...dist("usr/local/lib/python3.11/dist-packages", "app", "requests"),
      ...dist("usr/lib/python3/dist-packages", "requests"),
    };
    expect(arrows(catalog(debian))).toEqual(["app@1.0 requests@1.0"]);
    const fedora = {
      ...dist("usr/local/lib/python3.9/site-packages", "app", "requests"),
      ...dist("usr/lib64/python3.9/site-packages", "requests"),
    };
    expect(arrows(catalog(fedora))).toEqual(["app@1.0 requests@1.0"]);
    const own = { "usr/local/bin/python3.9": "", "usr/local/bin/python3": { link: "python3.9" } };
    expect(arrows(catalog({ ...fedora, ...own }))).toEqual([]);
    const user = {
      ...dist("root/.local/lib/python3.11/site-packages", "app", "requests"),
      ...dist("usr/lib/python3.11/site-packages", "requests"),
    };
    expect(arrows(catalog(user))).toEqual(["app@1.0 requests@1.0"]);
  });

  it("finds editable packages: by direct_url.json, and in the work trees that .pth files and .egg-links lead to", () => {
    const base = `${SITE}/new-1.0.dist-info`;
    const found = catalog({
      [`${base}/METADATA`]: metadata("new", "1.0", "Requires-Dist: old"),
      [`${base}/direct_url.json`]: '{"url":"file:///srv/new","dir_info":{"editable":true}}',
      "srv/old/src/old.egg-info/PKG-INFO": metadata("old"),
      "srv/old/src/old.egg-info/requires.txt": "new\n",
      [`${SITE}/old.egg-link`]: "/srv/old/src\n../\n",
      [`${SITE}/code.pth`]: "import os; print(1)\n# /srv/evil\n",
      "srv/tree/loose.egg-info/PKG-INFO": metadata("loose", "1.0", "Requires-Dist: new"),
    });
    expect(found.packages.map(({ name, properties }) => [name, properties])).toEqual([
      ["loose", undefined],
      ["new", { editable: "true", directUrl: "file:///srv/new" }],
      ["old", { editable: "true" }],
    ]);
    expect(arrows(found)).toEqual(["new@1.0 old@1.0", "old@1.0 new@1.0"]);
  });

  it("marks copies inside a package, links them with it, and keeps their edges among themselves", () => {
    const copies = `${SITE}/setuptools/_vendor`;
    const found = catalog({
      ...dist(SITE, "setuptools"),
      ...dist(SITE, "zipp"),
      ...dist(copies, "importlib_metadata", "zipp"),
      [`${copies}/zipp-3.0.dist-info/METADATA`]: metadata("zipp", "3.0"),
      ...dist(SITE, "pip"),
      [`${SITE}/pip/_vendor/vendor.txt`]: "CacheControl==0.13.1  # Make sure to update\n    urllib3==1.26.16\nsix\n",
    });
    expect(arrows(found)).toEqual([
      "importlib-metadata@1.0 zipp@3.0",
      "setuptools@1.0 importlib-metadata@1.0",
      "setuptools@1.0 zipp@3.0",
    ]);
    expect(found.packages.map(({ properties }) => properties)).toEqual([
      { vendoredIn: "setuptools" },
      { vendored: "cachecontrol 0.13.1, urllib3 1.26.16" },
      undefined,
      undefined,
      { vendoredIn: "setuptools" },
    ]);
  });

  it("leaves out what packages test themselves with, what pip is about to remove, and Python itself", () => {
    const found = catalog({
      ...dist(SITE, "setuptools"),
      [`${SITE}/pkg_resources/tests/data/my-1.0.egg/EGG-INFO/PKG-INFO`]: metadata("my"),
      [`${SITE}/~etuptools-0.9.dist-info/METADATA`]: metadata("setuptools", "0.9"),
      "usr/lib/python2.7/lib-dynload/Python-2.7.egg-info": metadata("Python", "2.7"),
    });
    expect(ids(found)).toEqual(["pkg:pypi/setuptools@1.0"]);
    expect(found.unknowns).toEqual([]);
  });

  it("takes name and version from the directory where the metadata is gone, and states what has neither", () => {
    const found = catalog({
      [`${SITE}/typing_extensions-4.1.dist-info/RECORD`]: "",
      [`${SITE}/bad-1.0.egg-info/PKG-INFO`]: "Name: a b\nVersion: 1\n",
      [`${SITE}/open.egg-info/PKG-INFO`]: "Name: open\n",
    });
    expect(found.packages).toMatchObject([
      { name: "open", version: undefined, unknownReason: expect.stringContaining("version") },
      { id: "pkg:pypi/typing-extensions@4.1", technique: "filename", confidence: 0.8 },
    ]);
    expect(found.unknowns).toMatchObject([{ path: `${SITE}/bad-1.0.egg-info/PKG-INFO` }]);
    expect(found.completeness).toBe("incomplete");
  });

  it("names the layer in which a version came", () => {
    const path = "srv/app/app.egg-info/PKG-INFO";
    const found = catalog(
      { [path]: metadata("app", "1.0") },
      { [path]: metadata("app", "2.0") },
      {
        [path]: metadata("app", "2.0", "Summary: new"),
      },
    );
    expect(found.packages).toMatchObject([{ version: "2.0", introducedIn: 1, occurrences: [{ path, layer: 2 }] }]);
  });
});
