import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import { digestOf } from "#core/digest.ts";
import { findManifestImages } from "#app/findManifestImages.ts";
import type { NamedImages } from "#app/imagePlace.ts";
import { pinImages } from "#app/pinImages.ts";
import type { CheckedPlace } from "#app/verifyPlaces.ts";

const find = (text: string, wishes: { containersOnly?: boolean; isFound?: boolean } = {}): NamedImages =>
  findManifestImages({ text, containersOnly: false, isFound: false, ...wishes });

/** `LINE ROLE REFERENCE`, or the reason why nobody can tell. */
const show = (text: string, wishes = {}): readonly string[] =>
  find(text, wishes).places.map(
    ({ line, role, image }) =>
      `${line} ${role} ${image.kind === "named" ? image.reference : `? ${image.error.message}`}`,
  );

describe("findManifestImages in Kubernetes objects", () => {
  it("finds every container of a Pod, and the images of volumes", () => {
    const text = `apiVersion: v1
kind: Pod
metadata: { name: a, annotations: { image: "not one" } }
spec:
  initContainers:
    - image: r.example/init:1 # first
  containers:
    - name: main
      image: "r.example/main:1"
  ephemeralContainers: [{ name: e, image: 'r.example/debug:1' }]
  volumes:
    - name: v
      image: { reference: r.example/files:1, pullPolicy: Always }
`;
    expect(show(text)).toEqual([
      "6 spec.initContainers[0].image r.example/init:1",
      "9 spec.containers[0].image r.example/main:1",
      "10 spec.ephemeralContainers[0].image r.example/debug:1",
      "13 spec.volumes[0].image.reference r.example/files:1",
    ]);
  });

  it("walks lists, documents and kinds that it never heard of", () => {
    const text = `kind: List
apiVersion: v1
items:
- {apiVersion: batch/v1, kind: CronJob, spec: {jobTemplate: {spec: {template: {spec: {containers: [{image: a}]}}}}}}
---
# nothing
---
{"apiVersion": "example.com/v1", "kind": "Fleet", "spec": {"podTemplate": {"spec": {"containers": [{"image": "b"}]}}}}
---
apiVersion: tekton.dev/v1
kind: Task
spec: {stepTemplate: {image: c}, steps: [{image: d}], sidecars: [{image: e}]}
---
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
spec: {image: f}
`;
    expect(show(text).map((line) => line.split(" ").at(-1))).toEqual(["a", "b", "c", "d", "e", "f"]);
  });

  it("follows aliases and merges", () => {
    const text = `apiVersion: v1
kind: Pod
x: &one { image: a, command: [x] }
y: &name b
spec:
  containers:
    - <<: *one
    - { <<: [{ image: c }, *one] }
    - { <<: *one, image: *name }
    - *one
    - { &key image : d }
    - { *key : e }
`;
    expect(show(text)).toEqual([
      "3 x.image a",
      "3 spec.containers[0].image a",
      "8 spec.containers[1].image c",
      "9 spec.containers[2].image b",
      "3 spec.containers[3].image a",
      "11 spec.containers[4].image d",
      "12 spec.containers[5].image e",
    ]);
  });

  it.each([
    ["image: '{{ .Values.image }}'", '"{{ .Values.image }}" is to be filled in'],
    ["image: r/a:${TAG}", '"r/a:${TAG}" is to be filled in'],
    ["image: $(params.image)", '"$(params.image)" is to be filled in'],
    ["image: <your-image>", '"<your-image>" is to be filled in'],
    ["image:", "the image is no text"],
    ["image: ''", "the image is no text"],
    ["image: 1.10", "the image is no text"],
    ["image: [a]", "the image is no text"],
    ["image: {repository: a, tag: b}", "the image is given in parts, which only their reader puts together"],
    ["image: {}", "the image is given in parts, which only their reader puts together"],
  ])("cannot tell %s", (line, reason) => {
    const text = `apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - ${line}\n`;
    expect(show(text)).toEqual([`5 spec.containers[0].image ? ${reason}`]);
  });

  it("leaves what is free to be named image, and takes a custom resource's unless told otherwise", () => {
    const config = "apiVersion: v1\nkind: ConfigMap\ndata: {image: logo.png}\n";
    const text = `apiVersion: e/v1\nkind: App\nmetadata: {labels: {image: x}}\nspec: {image: a, logo: {image: {url: x}}, image2: x, on: {image: true}}\n`;
    expect(show(config)).toEqual([]);
    expect(show(text)).toEqual(["4 spec.image a"]);
    expect(find(text, { containersOnly: true })).toEqual({
      places: [],
      notes: [{ line: 4, text: "not checked: spec.image belongs to no container" }],
    });
    const values = "apiVersion: helm/v2\nkind: HelmRelease\nspec: {values: {image: {repository: r, tag: t}}}\n";
    expect(show(values)).toEqual([
      "3 spec.values.image ? the image is given in parts, which only their reader puts together",
    ]);
    expect(show(values, { containersOnly: true })).toEqual([]);
  });

  it("does not take parts for the whole", () => {
    const text = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nimages: [{name: a, newTag: b}]\n";
    expect(show(text)).toEqual(["1 Kustomization ? it names images in parts, and other files"]);
    expect(show("replicas: 1\nimage: {tag: x}\n")).toEqual([
      "1 the document ? it is no Kubernetes object and no compose file",
    ]);
    expect(find("a: 1", { isFound: true })).toEqual({
      places: [],
      notes: [{ line: 1, text: "no Kubernetes object and no compose file: not looked at" }],
    });
  });

  it.each([
    ["a: {{ .Values.x }}", "a name is not text"],
    ["kind: x\n  bad: [", "not valid YAML"],
    ["image: a\nimage: b", '"image" stands there twice'],
    ["a: 1\n'a': 2", '"a" stands there twice'],
    ["image: !!binary YQ==", "not valid YAML (TAG_RESOLVE_FAILED)"],
    ["image: !other a", "not valid YAML (TAG_RESOLVE_FAILED)"],
    ["a: *nowhere", "an alias has no anchor before it"],
    ["%YAML 1.1\n---\na: 1", "another version of YAML than 1.2 is asked for"],
    ["<<: 1", "<< merges something that is no mapping"],
    ["# note\u2028image: evil", "a character ends the line"],
    ["# note\u2029image: evil", "a character ends the line"],
    ["# note\u0085image: evil", "a character ends the line"],
    ["# note\rimage: evil", "a character ends the line"],
    ["image: a\n<<: {image: evil}", '"image" stands before << that brings it, too'],
    ["--- |\n  apiVersion: v1", "--- stands before something else"],
    ["---x: |\n  apiVersion: v1", "--- stands before something else"],
    ["[".repeat(100_000), "it is nested too deeply"],
    ["{a: ".repeat(5000), "not valid YAML"],
  ])("refuses %j, which others may read differently", (line, reason) => {
    const text = `apiVersion: v1\nkind: Pod\nspec:\n  containers: [{image: a}]\n---\napiVersion: v1\nkind: Pod\n${line}`;
    const shown = show(/^[%[{]/.test(line) ? line : text);
    expect(shown).toEqual([expect.stringContaining(`the file ? `)]);
    expect(shown[0]).toContain(reason);
  });

  it("ends a document that aliases make large, or endless", () => {
    const levels = Array.from({ length: 20 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at},*a${at},*a${at},*a${at}]`);
    const bomb = `apiVersion: v1\nkind: Pod\na0: &a0 [x]\n${levels.join("\n")}\n`;
    expect(show(bomb)).toEqual([expect.stringContaining("it has more than 1000000 nodes")]);
    expect(show("apiVersion: v1\nkind: Pod\na: &a [*a]\n")).toEqual([expect.stringContaining("nested too deeply")]);
    expect(show("apiVersion: v1\nkind: Pod\na: &a {<<: *a}\n")).toEqual([expect.stringContaining("nested too deeply")]);
  });

  it("takes a large document, with very many names and aliases, in its stride", () => {
    const names = Array.from({ length: 5000 }, (_, at) => `n${at}: &n${at} v\nm${at}: *n${at}`).join("\n");
    const text = `apiVersion: v1\nkind: Pod\nspec: {containers: [{image: a}]}\n${names}\n`;
    expect(show(text)).toEqual(["3 spec.containers[0].image a"]);
  });
});

describe("findManifestImages in compose files", () => {
  it("finds the images of services, and says what is only built", () => {
    const text = `name: shop
x-base: &base
  image: r.example/base:1
services:
  web: { <<: *base, ports: ["80:80"] }
  db:
    image: r.example/db:1
    volumes:
      - data:/data
      - { type: image, source: r.example/seed:1, target: /seed }
  own: { build: . }
  both: { build: ., image: r.example/both:1 }
  open: { image: "r.example/open:\${TAG:-1}" }
  more: { extends: { file: other.yaml, service: x } }
  odd: {}
  none:
`;
    expect(show(text)).toEqual([
      "3 services.web.image r.example/base:1",
      "7 services.db.image r.example/db:1",
      "10 services.db.volumes[1].source r.example/seed:1",
      "12 services.both.image r.example/both:1",
      '13 services.open.image ? "r.example/open:${TAG:-1}" is to be filled in',
      "14 services.more ? it extends another service",
      "15 services.odd ? it has neither an image nor a build",
      "16 services.none ? it is no mapping",
    ]);
    expect(find(text).notes).toEqual([{ line: 11, text: "services.own is built here, and names no image to verify" }]);
  });

  it("knows that it does not know other files", () => {
    expect(show("include: [a.yaml]\nservices: {a: {image: b}}")).toEqual([
      "1 include ? other files belong to this one",
      "2 services.a.image b",
    ]);
    expect(show("services: []")).toEqual(["1 services ? it is no mapping"]);
  });
});

describe("digests in manifests", () => {
  const DIGEST = digestOf(Buffer.from("x"));
  const pin = (text: string): string => {
    const places = find(text).places.map((place): CheckedPlace => ({
      file: "f",
      place,
      checked: {
        kind: "decided",
        verdict: { reference: "", digest: DIGEST, ok: true } as never,
      },
    }));
    return pinImages(text, places);
  };

  it("stand behind names in every way of writing, and nothing else changes", () => {
    const text = `\uFEFFapiVersion: v1 # \u00e9
kind:   Pod\r
x: &n r/a:1   # anchored
spec: {containers: [{image: 'r/a:1' , name: "q"}, {"image":"r/b"},{image: r/c}, {image: *n}]}
---
apiVersion: v1
kind: Pod
spec:
  containers:
  - image: r/d@${DIGEST}
  -   image:    r/e:2    # last`;
    expect(pin(text)).toBe(
      text
        .replace("&n r/a:1", `&n r/a:1@${DIGEST}`)
        .replace("'r/a:1'", `'r/a:1@${DIGEST}'`)
        .replace('"r/b"', `"r/b@${DIGEST}"`)
        .replace("r/c}", `r/c@${DIGEST}}`)
        .replace("r/e:2", `r/e:2@${DIGEST}`),
    );
  });

  it("stand in what other readers see, and only there", () => {
    const name = fc.stringMatching(/^[a-z]{1,9}(\/[a-z]{1,9})?(:[a-z][a-z0-9.]{0,5})?$/);
    const text = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom("a: b", "- x", "#", "image: x", "|", "\n x", "é"),
    );
    const container = fc.record({ name: text, image: name, args: fc.array(text, { maxLength: 3 }) });
    const pod = fc.record({
      apiVersion: fc.constant("v1"),
      kind: fc.constantFrom("Pod", "Deployment", "Thing"),
      metadata: fc.record({ name: text, annotations: fc.dictionary(fc.constantFrom("a", "image"), text) }),
      spec: fc.record({ a: text, containers: fc.array(container, { maxLength: 3 }), z: text }),
    });
    const manner = fc.record({
      defaultStringType: fc.constantFrom("PLAIN" as const, "QUOTE_DOUBLE" as const, "QUOTE_SINGLE" as const),
      collectionStyle: fc.constantFrom("any" as const, "flow" as const, "block" as const),
      lineWidth: fc.constantFrom(0, 20, 80),
    });
    fc.assert(
      fc.property(fc.array(pod, { minLength: 1, maxLength: 3 }), manner, (pods, style) => {
        const written = pods.map((one) => stringify(one, { ...style, aliasDuplicateObjects: false })).join("---\n");
        const read = (all: string): unknown =>
          [parseAllDocuments(all)].flat().map((one) => (one as { toJS: () => unknown }).toJS());
        const wanted = structuredClone(read(written)) as typeof pods;
        for (const { spec } of wanted)
          for (const one of spec.containers) Object.assign(one, { image: `${one.image}@${DIGEST}` });
        expect(read(pin(written))).toEqual(wanted);
      }),
    );
  });
});
