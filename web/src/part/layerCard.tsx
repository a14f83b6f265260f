import type { JSX } from "preact";
import type { ImagePapers } from "../apiTypes.ts";
import { byteText, countOf } from "../shortText.ts";
import { Card } from "./card.tsx";
import { DataTable } from "./dataTable.tsx";
import type { Column } from "./dataTable.tsx";
import { DigestText } from "./digestText.tsx";
import { ShareBar } from "./shareBar.tsx";
import { TimeText } from "./timeText.tsx";

interface LayerRow {
  /** From 1, the lowest. */
  readonly place: number;
  readonly layer: ImagePapers["layers"][number];
  /** Of the bytes of all layers. */
  readonly share: number;
}

const COLUMNS: readonly Column<LayerRow>[] = [
  { title: "Layer", cell: ({ place }) => place, text: ({ place }) => place, number: true },
  {
    title: "Made by",
    cell: ({ layer: { created_by: by } }) =>
      by === null ? <span class="dim">not stated</span> : <code class="breakable clamped">{by}</code>,
    text: ({ layer }) => layer.created_by ?? "",
  },
  {
    title: "Size",
    cell: ({ layer: { size }, share }) => (
      <span class="sized">
        <span class="unbroken">{byteText(size)}</span>
        <ShareBar share={share} />
      </span>
    ),
    text: ({ layer: { size } }) => size,
  },
  {
    title: "Digest",
    cell: ({ layer: { digest } }) => <DigestText digest={digest} what="layer digest" />,
    text: ({ layer: { digest } }) => digest,
  },
  {
    title: "Media type",
    cell: ({ layer: { media_type: type } }) => <code class="breakable">{type.replace(/^application\//, "")}</code>,
    text: ({ layer: { media_type: type } }) => type,
  },
  {
    title: "Made",
    cell: ({ layer: { created_at: at } }) =>
      at === null ? <span class="dim">not stated</span> : <TimeText time={at} />,
    text: ({ layer: { created_at: at } }) => at ?? "",
  },
];

/** What a platform image is stacked of, lowest first; what its author says of each layer is his word alone. */
export const LayerCard = ({ layers }: { readonly layers: ImagePapers["layers"] }): JSX.Element => {
  const bytes = layers.reduce((sum, { size }) => sum + size, 0);
  const rows = layers.map((layer, at) => ({ place: at + 1, layer, share: bytes === 0 ? 0 : layer.size / bytes }));
  return (
    <Card title="Layers" wide>
      <p class="dim">
        {countOf(layers.length, "layer")}, {byteText(bytes)} as stored, the lowest first. "Made by" is what the image's
        author says of it.
      </p>
      <DataTable caption="layers" columns={COLUMNS} rows={rows} rowKey={({ place }) => String(place)} />
    </Card>
  );
};
