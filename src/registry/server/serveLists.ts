import type { Descriptor } from "#core/descriptor.ts";
import { isDigest } from "#core/digest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { answerJson } from "#registry/server/answer.ts";
import type { Answer } from "#registry/server/answer.ts";
import type { Exchange } from "#registry/server/exchange.ts";
import { refuse } from "#registry/server/fault.ts";

// Clients read at most 4 MiB of a list. cosign does not follow pages of referrers (cosign.md 2.4), so they are large.
const MAX_PAGE_BYTES = 3.5 * 1024 * 1024;

/** GET of `/v2/_catalog`. */
export const serveCatalog = async (exchange: Exchange): Promise<Answer> =>
  page(exchange, "/v2/_catalog", await exchange.tree.list(), (repositories) => ({ repositories }));

/** GET of `/v2/NAME/tags/list`. */
export const serveTags = async (exchange: Exchange, name: string): Promise<Answer> => {
  const store = await exchange.tree.find(name);
  if (store === undefined) return refuse("NAME_UNKNOWN", "there is no such repository");
  const tags = [...(await store.readIndex()).byTag.keys()].sort();
  return page(exchange, `/v2/${name}/tags/list`, tags, (some) => ({ name, tags: some }));
};

/** GET of `/v2/NAME/referrers/DIGEST`: an empty index, not a 404, where there are none (distribution-spec 1.1). */
export const serveReferrers = async (exchange: Exchange, name: string, subject: string): Promise<Answer> => {
  if (!isDigest(subject)) return refuse("DIGEST_INVALID", "not a digest");
  const all = (await (await exchange.tree.find(name))?.listReferrers(subject)) ?? [];
  const filter = exchange.query.get("artifactType");
  const last = exchange.query.get("last") ?? "";
  const wanted = all.filter((one) => one.digest > last && (filter === null || one.artifactType === filter));
  const manifests = takePage(wanted);
  const next = new URLSearchParams(filter === null ? {} : { artifactType: filter });
  next.set("last", manifests.at(-1)?.digest ?? "");
  const more = manifests.length < wanted.length;
  return answerJson(
    { schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests },
    {
      "Content-Type": MEDIA_TYPE.ociIndex,
      ...(filter === null ? {} : { "OCI-Filters-Applied": "artifactType" }),
      ...(more ? { Link: linkTo(`/v2/${name}/referrers/${subject}`, next) } : {}),
    },
  );
};

const takePage = (all: readonly Descriptor[]): readonly Descriptor[] => {
  let bytes = 0;
  const end = all.findIndex((one) => (bytes += Buffer.byteLength(JSON.stringify(one)) + 1) > MAX_PAGE_BYTES);
  return end === -1 ? all : all.slice(0, Math.max(1, end));
};

/** One page of sorted names: `last` is exclusive, `n` how many (distribution-spec 1.1, "Listing Tags"). */
const page = (
  exchange: Exchange,
  path: string,
  names: readonly string[],
  shape: (some: readonly string[]) => object,
): Answer => {
  const count = exchange.query.get("n");
  if (count !== null && !/^\d{1,9}$/.test(count)) return refuse("PAGINATION_NUMBER_INVALID", "n is not a number");
  const last = exchange.query.get("last") ?? "";
  const rest = names.filter((name) => name > last);
  const some = count === null ? rest : rest.slice(0, Number(count));
  const more = some.length > 0 && some.length < rest.length;
  const next = new URLSearchParams({ n: count ?? "", last: some.at(-1) ?? "" });
  return answerJson(shape(some), more ? { Link: linkTo(path, next) } : {});
};

const linkTo = (path: string, query: URLSearchParams): string => `<${path}?${query.toString()}>; rel="next"`;
