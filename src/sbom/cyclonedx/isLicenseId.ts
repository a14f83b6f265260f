import spdxIds from "spdx-license-ids/index.json" with { type: "json" };
import type { CycloneDxVersion } from "#sbom/cyclonedx/version.ts";

// Each schema version closes its list of licence ids: tags 1.4, 1.5 and 1.6 of github.com/CycloneDX/specification,
// schema/spdx.schema.json, against the SPDX list 3.29 that `spdx-license-ids` carries. An id that a schema does not know
// makes the whole document invalid there (reference 4.16).
const AFTER_1_4 = `
  ASWF-Digital-Assets-1.0 ASWF-Digital-Assets-1.1 AdaCore-doc App-s2p Arphic-1999 BSD-3-Clause-No-Military-License
  BSD-4.3RENO BSD-4.3TAHOE BSD-Advertising-Acknowledgement BSD-Attribution-HPND-disclaimer Baekmuk Bitstream-Charter
  Bitstream-Vera Boehm-GC Brian-Gladman-3-Clause CC-BY-2.5-AU CC-BY-3.0-DE CC-BY-3.0-IGO CC-BY-3.0-NL CC-BY-NC-3.0-DE
  CC-BY-NC-ND-3.0-DE CC-BY-NC-SA-2.0-DE CC-BY-NC-SA-2.0-FR CC-BY-NC-SA-2.0-UK CC-BY-NC-SA-3.0-DE CC-BY-NC-SA-3.0-IGO
  CC-BY-ND-3.0-DE CC-BY-SA-3.0-DE CC-BY-SA-3.0-IGO CDL-1.0 CDLA-Permissive-2.0 CFITSIO CMU-Mach COIL-1.0 Clips
  Community-Spec-1.0 Cornell-Lossless-JPEG DL-DE-BY-2.0 Elastic-2.0 FDK-AAC FSFULLRWD Graphics-Gems HP-1986
  HPND-Markus-Kuhn HPND-export-US HPND-sell-variant-MIT-disclaimer IEC-Code-Components-EULA IJG-short Inner-Net-2.0
  JPL-image Jam Kazlib Knuth-CTAN LOOP LZMA-SDK-9.11-to-9.20 LZMA-SDK-9.22 Latex2e-translated-notice
  Linux-man-pages-1-para Linux-man-pages-copyleft Linux-man-pages-copyleft-2-para Linux-man-pages-copyleft-var
  MIT-Festival MIT-Wu MS-LPL Martin-Birgmeier Minpack NICTA-1.0 NIST-Software NLOD-2.0 OFFIS OLFL-1.3 OPL-UK-3.0
  OPUBL-1.0 OpenPBS-2.3 Python-2.0.1 QPL-1.0-INRIA-2004 SGP4 SchemeReport SunPro Symlinks TPDL TPL-1.0 TTWL
  TermReadKey UCAR UnixCrypt Widget-Workshop X11-distribute-modifications-variant Xdebug-1.03 Xfig checkmk dtoa
  libutil-David-Nugent metamail mpi-permissive mplus snprintf w3m xlock`;
const AFTER_1_5 = `
  AML-glslang Adobe-Display-PostScript Adobe-Utopia BSD-2-Clause-Darwin BSD-3-Clause-HP BSD-3-Clause-Sun
  BSD-3-Clause-acpica BSD-3-Clause-flex BSD-Inferno-Nettverk BSD-Source-beginning-file BSD-Systemics
  BSD-Systemics-W3Works Brian-Gladman-2-Clause CC-BY-3.0-AU CMU-Mach-nodoc Caldera-no-preamble Cronyx DEC-3-Clause
  DL-DE-ZERO-2.0 DRL-1.1 FBM FSFAP-no-warranty-disclaimer Ferguson-Twofish Furuseth GCR-docs HP-1989 HPND-DEC
  HPND-Fenneberg-Livingston HPND-INRIA-IMAG HPND-Kevlin-Henney HPND-MIT-disclaimer HPND-Pbmplus HPND-UC HPND-doc
  HPND-doc-sell HPND-export-US-modify HPND-sell-MIT-disclaimer-xserver HPND-sell-regexpr ISC-Veillard Kastrup
  LPD-document Lucida-Bitmap-Fonts MIT-testregex MMIXware MPEG-SSG Mackerras-3-Clause
  Mackerras-3-Clause-acknowledgment McPhee-slideshow OpenSSL-standalone OpenVision PADL Pixar SAX-PD-2.0 SGI-OpenGL SL
  SSLeay-standalone Soundex Sun-PPP TGPPL-1.0 TTYP0 UMich-Merit URT-RLE Unicode-3.0 Zeeff bcrypt-Solar-Designer
  check-cvs fwlw gtkbook hdparm lsof magaz mailprio pnmstitch python-ldap radvd softSurfer ssh-keyscan swrule ulem
  xkeyboard-config-Zinoviev`;
const AFTER_1_6 = `
  3D-Slicer-1.0 ALGLIB-Documentation AMD-newlib Advanced-Cryptics-Dictionary Artistic-dist Aspell-RU BOLA-1.1
  BSD-2-Clause-first-lines BSD-2-Clause-pkgconf-disclaimer BSD-2-Clause-pos-unchanged BSD-3-Clause-OpenWebUI
  BSD-3-Clause-Tso BSD-Mark-Modifications BSD-Source-Code-no-disclaimer BSD-Source-alt-GPL BSD-ask-to-endorse
  Boehm-GC-without-fee Brian-Gladman-3-Clause-no-conversion Buddy Bugroff CAPEC-tou CC-BY-NC-3.0-IGO CC-PDM-1.0
  CC-SA-1.0 Catharon CryptoSwift DocBook-DTD DocBook-Schema DocBook-Stylesheet DocBook-XML ESA-PL-permissive-2.4
  ESA-PL-strong-copyleft-2.4 ESA-PL-weak-copyleft-2.4 FDK-MPEG-H FSFULLRSD FSL-1.1-ALv2 FSL-1.1-MIT
  Game-Programming-Gems Gutmann HDF5 HIDAPI HPND-Intel HPND-Netrek HPND-SMC HPND-UC-export-US
  HPND-export-US-acknowledgement HPND-export2-US HPND-merchantability-variant HPND-sell-variant-MIT-disclaimer-rev
  HPND-sell-variant-critical-systems Hippocratic-3.0-core ISO-permission Informatica InnoSetup MIPS MIT-Click
  MIT-Khronos-old MIT-STK MMPL-1.0.1 MVT-1.1 NCBI-PD NCL NIST-PD-TNT NTIA-PD OAR OSC-1.0 OSSP OpenMDW-1.0 PPL
  ParaType-Free-Font-1.3 Ruby-pty SGMLUG-PM SMAIL-GPL SOFA SUL-1.0 Sendmail-Open-Source-1.1 Sun-PPP-2000 TekHVC
  ThirdEye TrustedQSL Ubuntu-font-1.0 UnRAR Unlicense-libtelnet Unlicense-libwhirlpool Vixie-Cron WTFNMFPL WordNet
  X11-no-permit-persons X11-swapped any-OSI any-OSI-perl-modules atc-game cve-tou generic-xts hyphen-bulgarian jove
  libpng-1.6.35 man2html ngrep pkgconf threeparttable wwl xzoom`;

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const LATER: Readonly<Record<CycloneDxVersion, ReadonlySet<string>>> = {
  "1.4": new Set([...words(AFTER_1_4), ...words(AFTER_1_5), ...words(AFTER_1_6)]),
  "1.5": new Set([...words(AFTER_1_5), ...words(AFTER_1_6)]),
  "1.6": new Set(words(AFTER_1_6)),
};
const CURRENT: ReadonlySet<string> = new Set(spdxIds);

/** Whether this version's schema accepts the text as `license.id`; deprecated ids are refused (syft#1899, #3674). */
export const isLicenseId = (text: string, version: CycloneDxVersion): boolean =>
  CURRENT.has(text) && !LATER[version].has(text);
