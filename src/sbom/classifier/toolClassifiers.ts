import { alone, follows, numbers, precedes } from "#sbom/classifier/classifier.ts";
import type { Classifier } from "#sbom/classifier/classifier.ts";

/** Programs of the command line. */
export const TOOL_CLASSIFIERS: readonly Classifier[] = [
  {
    product: "busybox",
    // Under these other names it may lie first in an archive, and its own name be a link to them.
    // With one name of a hard link goes each other that the archive may have first: a link to what was not looked at is read for.
    files: ["busybox*", "[", "[[", "ash", "bash", "bunzip2", "bzcat", "bzip2", "gzip", "sh", "unzip", "wget", "xz"],
    cpe: "busybox:busybox",
    license: "GPL-2.0-only",
    markers: [follows("BusyBox v", numbers(3), "(?:-\\w{1,20})? \\(")],
  },
  {
    product: "bash",
    files: ["bash", "bash#", "rbash"],
    cpe: "gnu:bash",
    license: "GPL-3.0-or-later",
    markers: [follows("@(#)Bash version ", numbers(3), "\\(\\d{1,3}\\) ")],
  },
  {
    product: "openssl",
    files: ["openssl"],
    cpe: "openssl:openssl",
    markers: [
      follows(
        "\0OpenSSL ",
        `${numbers(3)}[a-z]{0,2}(?:-(?:alpha|beta|dev)\\d{0,2})?`,
        "(?:-fips)? {1,2}\\d{1,2} [A-Z]",
      ),
    ],
  },
  {
    product: "curl",
    files: ["curl"],
    cpe: "haxx:curl",
    license: "curl",
    markers: [follows("\0curl/", numbers(3), "\\0"), follows("\0curl ", numbers(3), " \\(")],
  },
  {
    product: "wget",
    files: ["wget"],
    cpe: "gnu:wget",
    markers: [alone("1.", "1\\.\\d{2}(?:\\.\\d{1,2})?")],
    requires: "GNU Wget %s",
  },
  {
    product: "git",
    files: ["git"],
    cpe: "git-scm:git",
    license: "GPL-2.0-only",
    markers: [follows("git/", `${numbers(3, 4)}(?:[.-]rc\\d)?`, "\\0")],
  },
  {
    product: "jq",
    files: ["jq"],
    cpe: "jqlang:jq",
    license: "MIT",
    markers: [
      alone("1.", "1\\.\\d{1,2}(?:\\.\\d{1,2})?(?:rc\\d)?"),
      follows("\0jq-", "1\\.\\d{1,2}(?:\\.\\d{1,2})?(?:rc\\d)?"),
    ],
    requires: "jq: error (at ",
  },
  {
    product: "gzip",
    files: ["gzip"],
    cpe: "gnu:gzip",
    license: "GPL-3.0-or-later",
    markers: [alone("1.", "1\\.\\d{1,2}")],
    requires: "not in gzip format",
  },
  {
    product: "xz",
    files: ["xz"],
    cpe: "tukaani:xz",
    markers: [follows("xz (XZ Utils) ", `${numbers(3)}(?:alpha|beta)?`)],
  },
  {
    product: "zstd",
    files: ["zstd", "zstdmt"],
    cpe: "facebook:zstandard",
    license: "BSD-3-Clause OR GPL-2.0-only",
    markers: [precedes("Zstandard CLI", numbers(3), "\\0", "\\0v")],
  },
  {
    product: "rsync",
    files: ["rsync"],
    cpe: "samba:rsync",
    license: "GPL-3.0-or-later",
    markers: [precedes("copyright\0url\0", numbers(3), "\\0")],
  },
  {
    product: "ffmpeg",
    files: ["ffmpeg", "ffprobe"],
    cpe: "ffmpeg:ffmpeg",
    markers: [follows("%s version ", numbers(2, 3)), follows("FFmpeg version ", numbers(2, 3))],
  },
  {
    product: "openssh",
    files: ["ssh", "sshd", "sshd-session", "ssh-keygen"],
    cpe: "openbsd:openssh",
    license: "BSD-2-Clause",
    markers: [follows("\0OpenSSH_", `${numbers(2, 3)}p\\d{1,2}`, "[ \\0]")],
  },
  {
    product: "tini",
    files: ["tini", "tini-static", "docker-init"],
    cpe: "tini_project:tini",
    license: "MIT",
    markers: [follows("\0tini version ")],
  },
  {
    product: "gawk",
    files: ["gawk", "awk", "gawk-#"],
    cpe: "gnu:gawk",
    license: "GPL-3.0-or-later",
    markers: [follows("\0GNU Awk ", numbers(3))],
  },
  {
    product: "nano",
    files: ["nano"],
    cpe: "gnu:nano",
    license: "GPL-3.0-or-later",
    markers: [follows("GNU nano ", numbers(2, 3), "\\0")],
  },
  {
    product: "gnupg",
    files: ["gpg", "gpgv", "gpg-agent"],
    cpe: "gnupg:gnupg",
    license: "GPL-3.0-or-later",
    markers: [follows(" (GnuPG)\0", numbers(3), "\\0")],
  },
  {
    product: "tcpdump",
    files: ["tcpdump"],
    cpe: "tcpdump:tcpdump",
    license: "BSD-3-Clause",
    markers: [follows("%s version ", numbers(3), "\\n")],
  },
  {
    product: "nmap",
    files: ["nmap"],
    cpe: "nmap:nmap",
    markers: [precedes("Nmap\0", numbers(2), "\\0")],
  },
  {
    product: "sudo",
    files: ["sudo"],
    cpe: "sudo_project:sudo",
    license: "ISC",
    markers: [follows("Sudo version %s\n\0", `${numbers(3)}(?:p\\d{1,2})?`, "\\0")],
  },
  {
    product: "crun",
    files: ["crun"],
    cpe: "crun_project:crun",
    license: "GPL-2.0-or-later",
    markers: [precedes("%s version %s\n", numbers(2, 3), "\\0")],
  },
  {
    product: "mosh",
    files: ["mosh-server", "mosh-client"],
    cpe: "mosh_project:mosh",
    license: "GPL-3.0-or-later",
    markers: [follows(" (mosh ", numbers(3), "\\)")],
  },
];
