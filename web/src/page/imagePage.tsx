import type { JSX } from "preact";
import type { ImagePapers } from "../apiTypes.ts";
import { Card } from "../part/card.tsx";
import { DigestText } from "../part/digestText.tsx";
import { Facts } from "../part/facts.tsx";
import { Loaded } from "../part/loaded.tsx";
import { EmptyState } from "../part/notice.tsx";
import { LayerCard } from "../part/layerCard.tsx";
import { PackageCard } from "../part/packageCard.tsx";
import { PageHead } from "../part/pageHead.tsx";
import { PaperTable } from "../part/paperTable.tsx";
import { RouteLink } from "../part/routeLink.tsx";
import { countOf, shortDigest } from "../shortText.ts";
import { useApi } from "../useAnswer.ts";

/** An image: where it is, which builds made it, its papers and what is in it. */
export const ImagePage = ({ digest }: { readonly digest: string }): JSX.Element => {
  const known = useApi<ImagePapers>(`/v1/images/${encodeURIComponent(digest)}`, ({ kind }) => kind === "operation");
  return (
    <>
      <PageHead title={`Image ${shortDigest(digest)}`} trail={<RouteLink to={{ page: "apps" }}>Apps</RouteLink>} />
      <Loaded known={known}>
        {(image) => (
          <div class="grid">
            <ImageCard image={image} />
            <Card title="Papers" wide>
              {image.papers.length === 0 ? (
                <EmptyState title="No papers yet">
                  <p>Papers show up here when the service has issued them for one of the builds above.</p>
                </EmptyState>
              ) : (
                <PaperTable papers={image.papers} />
              )}
            </Card>
            {image.layers.length === 0 ? null : <LayerCard layers={image.layers} />}
            {image.images.length === 0 ? <PackageCard image={image} /> : <ImagesCard images={image.images} />}
          </div>
        )}
      </Loaded>
    </>
  );
};

const ImageCard = ({ image }: { readonly image: ImagePapers }): JSX.Element => (
  <Card title="Integrity" wide>
    <Facts
      facts={[
        ["Digest", <DigestText digest={image.digest} what="image digest" whole />],
        ["Platform", image.images.length === 0 ? image.platform : countOf(image.images.length, "platform")],
        ["Media type", image.media_type && <code>{image.media_type}</code>],
        ["Repositories", <Lines lines={image.repositories} />],
        [
          "Builds",
          <ul class="plain">
            {image.builds.map(({ app, build_id: build }) => (
              <li key={`${app}/${build}`}>
                <RouteLink to={{ page: "build", app, build }}>
                  {app} / {build}
                </RouteLink>
              </li>
            ))}
          </ul>,
        ],
      ]}
    />
  </Card>
);

/** The platform images of an index; packages and layers are theirs. */
const ImagesCard = ({ images }: Pick<ImagePapers, "images">): JSX.Element => (
  <Card title="Platforms" wide>
    <p class="dim">This is an index: layers and packages are those of its images.</p>
    <ul class="rows">
      {images.map(({ digest, platform }) => (
        <li key={digest}>
          <strong class="breakable">{platform}</strong>
          <DigestText digest={digest} what={`digest of the image for ${platform}`} image />
        </li>
      ))}
    </ul>
  </Card>
);

const Lines = ({ lines }: { readonly lines: readonly string[] }): JSX.Element => (
  <ul class="plain">
    {lines.map((line) => (
      <li key={line} class="breakable">
        {line}
      </li>
    ))}
  </ul>
);
