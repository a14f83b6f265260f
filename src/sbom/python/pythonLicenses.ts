import { joinLicenses } from "#sbom/license/joinLicenses.ts";
import { readLicense } from "#sbom/license/readLicense.ts";
import { spdxExpression } from "#sbom/license/spdxExpression.ts";
import type { Package } from "#sbom/package.ts";
import type { CoreMetadata } from "#sbom/python/readCoreMetadata.ts";

type Found = Pick<Package, "licenses" | "licenseSource">;

// Classifiers that name one licence (pypi.org/classifiers). Those that name a family (`BSD License`, `Apache Software
// License`) are ambiguous (PEP 639, "Deprecate license classifiers") and stay words.
const CLASSIFIERS: ReadonlyMap<string, string> = new Map([
  ["Blue Oak Model License (BlueOak-1.0.0)", "BlueOak-1.0.0"],
  ["Boost Software License 1.0 (BSL-1.0)", "BSL-1.0"],
  ["CC0 1.0 Universal (CC0 1.0) Public Domain Dedication", "CC0-1.0"],
  ["CEA CNRS Inria Logiciel Libre License, version 2.1 (CeCILL-2.1)", "CECILL-2.1"],
  ["CMU License (MIT-CMU)", "MIT-CMU"],
  ["Common Development and Distribution License 1.0 (CDDL-1.0)", "CDDL-1.0"],
  ["Eclipse Public License 1.0 (EPL-1.0)", "EPL-1.0"],
  ["Eclipse Public License 2.0 (EPL-2.0)", "EPL-2.0"],
  ["European Union Public Licence 1.1 (EUPL 1.1)", "EUPL-1.1"],
  ["European Union Public Licence 1.2 (EUPL 1.2)", "EUPL-1.2"],
  ["GNU Affero General Public License v3", "AGPL-3.0-only"],
  ["GNU Affero General Public License v3 or later (AGPLv3+)", "AGPL-3.0-or-later"],
  ["GNU General Public License v2 (GPLv2)", "GPL-2.0-only"],
  ["GNU General Public License v2 or later (GPLv2+)", "GPL-2.0-or-later"],
  ["GNU General Public License v3 (GPLv3)", "GPL-3.0-only"],
  ["GNU General Public License v3 or later (GPLv3+)", "GPL-3.0-or-later"],
  ["GNU Lesser General Public License v2 (LGPLv2)", "LGPL-2.0-only"],
  ["GNU Lesser General Public License v2 or later (LGPLv2+)", "LGPL-2.0-or-later"],
  ["GNU Lesser General Public License v3 (LGPLv3)", "LGPL-3.0-only"],
  ["GNU Lesser General Public License v3 or later (LGPLv3+)", "LGPL-3.0-or-later"],
  ["Historical Permission Notice and Disclaimer (HPND)", "HPND"],
  ["ISC License (ISCL)", "ISC"],
  ["MIT License", "MIT"],
  ["MIT No Attribution License (MIT-0)", "MIT-0"],
  ["Mozilla Public License 1.0 (MPL)", "MPL-1.0"],
  ["Mozilla Public License 1.1 (MPL 1.1)", "MPL-1.1"],
  ["Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"],
  ["Mulan Permissive Software License v2 (MulanPSL-2.0)", "MulanPSL-2.0"],
  ["Open Software License 3.0 (OSL-3.0)", "OSL-3.0"],
  ["PostgreSQL License", "PostgreSQL"],
  ["Python License (CNRI Python License)", "CNRI-Python"],
  ["Python Software Foundation License", "PSF-2.0"],
  ["SIL Open Font License 1.1 (OFL-1.1)", "OFL-1.1"],
  ["The Unlicense (Unlicense)", "Unlicense"],
  ["Universal Permissive License (UPL)", "UPL-1.0"],
  ["University of Illinois/NCSA Open Source License", "NCSA"],
  ["Zero-Clause BSD (0BSD)", "0BSD"],
  ["zlib/libpng License", "Zlib"],
]);
const APPROVED = /^OSI Approved(?:\s*::\s*)?/;

/**
 * Licences by the most exact field: License-Expression (PEP 639), then License where it is an SPDX expression, then
 * classifiers where each names one licence, then License as written, then the classifiers' words.
 */
export const pythonLicenses = (metadata: CoreMetadata): Found => {
  const expression = readLicense(metadata.licenseExpression);
  const license = readLicense(metadata.license);
  const classifiers = metadata.licenseClassifiers
    .map((classifier) => classifier.replace(APPROVED, ""))
    .filter((words) => words !== "")
    .map((words) => readLicense(CLASSIFIERS.get(words) ?? words));
  const classified = joinLicenses(classifiers);
  if (expression.length > 0) return { licenses: expression, licenseSource: "License-Expression" };
  if (isExact(license)) return { licenses: license, licenseSource: "License" };
  if (isExact(classified)) return { licenses: classified, licenseSource: "Classifier" };
  if (license.length > 0) return { licenses: license, licenseSource: "License" };
  return classified.length > 0 ? { licenses: classified, licenseSource: "Classifier" } : { licenses: [] };
};

const isExact = (licenses: Package["licenses"]): boolean =>
  licenses.length > 0 && licenses.every((one) => "expression" in one && spdxExpression(one.expression) !== undefined);
