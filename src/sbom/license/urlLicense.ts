// Addresses of licence texts, without scheme, `www.`, trailing slash and extension, in lower case.
const LICENSES = `
apache.org/licenses/license-2.0 Apache-2.0
apache.org/licenses/license-1.1 Apache-1.1
opensource.org/licenses/apache-2.0 Apache-2.0
opensource.org/license/apache-2-0 Apache-2.0
opensource.org/licenses/apache2.0 Apache-2.0
opensource.org/licenses/mit MIT
opensource.org/licenses/mit-license MIT
opensource.org/license/mit MIT
opensource.org/licenses/bsd-2-clause BSD-2-Clause
opensource.org/licenses/bsd-3-clause BSD-3-Clause
opensource.org/license/bsd-2-clause BSD-2-Clause
opensource.org/license/bsd-3-clause BSD-3-Clause
opensource.org/licenses/cddl1 CDDL-1.0
opensource.org/licenses/epl-1.0 EPL-1.0
opensource.org/licenses/eclipse-1.0 EPL-1.0
opensource.org/licenses/mpl-2.0 MPL-2.0
opensource.org/licenses/isc ISC
opensource.org/licenses/lgpl-2.1 LGPL-2.1-only
opensource.org/licenses/upl UPL-1.0
oss.oracle.com/licenses/upl UPL-1.0
oss.oracle.com/licenses/upl-1.0 UPL-1.0
asm.ow2.io/license BSD-3-Clause
asm.ow2.org/license BSD-3-Clause
creativecommons.org/publicdomain/zero/1.0 CC0-1.0
creativecommons.org/licenses/by/2.5 CC-BY-2.5
creativecommons.org/licenses/by/3.0 CC-BY-3.0
creativecommons.org/licenses/by/4.0 CC-BY-4.0
eclipse.org/legal/epl-v10 EPL-1.0
eclipse.org/legal/epl-1.0 EPL-1.0
eclipse.org/org/documents/epl-v10 EPL-1.0
eclipse.org/legal/epl-2.0 EPL-2.0
eclipse.org/legal/epl-v20 EPL-2.0
eclipse.org/org/documents/epl-2.0/epl-2.0 EPL-2.0
eclipse.org/org/documents/edl-v10 BSD-3-Clause
eclipse.org/org/documents/epl-v20 EPL-2.0
gnu.org/licenses/gpl-2.0 GPL-2.0-only
gnu.org/licenses/gpl-3.0 GPL-3.0-only
gnu.org/licenses/lgpl-2.1 LGPL-2.1-only
gnu.org/licenses/lgpl-3.0 LGPL-3.0-only
gnu.org/licenses/old-licenses/gpl-2.0 GPL-2.0-only
gnu.org/licenses/old-licenses/lgpl-2.1 LGPL-2.1-only
gnu.org/software/classpath/license GPL-2.0-only WITH Classpath-exception-2.0
mozilla.org/mpl/1.1 MPL-1.1
mozilla.org/mpl/mpl-1.1 MPL-1.1
mozilla.org/mpl/2.0 MPL-2.0
mozilla.org/en-us/mpl/2.0 MPL-2.0
unlicense.org Unlicense
wtfpl.net/txt/copying WTFPL
bouncycastle.org/licence MIT
bouncycastle.org/license MIT
json.org/license JSON
repository.jboss.org/licenses/apache-2.0 Apache-2.0
repository.jboss.org/licenses/lgpl-2.1 LGPL-2.1-only
spdx.org/licenses/apache-2.0 Apache-2.0
spdx.org/licenses/mit MIT
spdx.org/licenses/mit-0 MIT-0
`;

const known: ReadonlyMap<string, string> = new Map(
  LICENSES.trim()
    .split("\n")
    .map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)] as const),
);

/** The SPDX expression of a licence whose text lies at a well-known address, or undefined. */
export const urlLicense = (url: string): string | undefined => {
  const address = /^https?:\/\/(?:www\.)?(\S{1,200})$/i.exec(url.trim())?.[1];
  if (address === undefined) return undefined;
  return known.get(
    address
      .toLowerCase()
      .replace(/[?#].*$/, "")
      .replace(/(?:\.txt|\.html?|\.php|\/)$/, ""),
  );
};
