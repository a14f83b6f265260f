import type { ImageView } from "#sbom/cataloger.ts";
import { locateDpkgFile } from "#sbom/dpkg/locateDpkgFile.ts";
import type { Package } from "#sbom/package.ts";

type Stated = Pick<Package, "licenses" | "licenseSource">;

/**
 * Finds a package's licences by its name: in usr/share/doc/NAME/copyright, which may be a link into another package's
 * directory, and so may the directory. Only bytes that `reduceCopyright` wrote are read: a link may lead anywhere.
 */
export const readLicensesOf = (view: ImageView, root: string): ((name: string) => Stated) => {
  const copyrights = new Map(
    view
      .captured("dpkg")
      .filter((file) => locateDpkgFile(file.path)?.kind === "copyright")
      .map((file) => [file.path, file.bytes]),
  );
  return (name) => {
    const path = view.realPath(`${root}usr/share/doc/${name}/copyright`) ?? "";
    const bytes = copyrights.get(path);
    const licenses = bytes === undefined ? [] : (JSON.parse(Buffer.from(bytes).toString()) as Package["licenses"]);
    return licenses.length === 0 ? { licenses } : { licenses, licenseSource: path };
  };
};
