#!/usr/bin/env bash
# Installs the real tools that the interoperability suites and the benchmarks compare with, outside the tree, by package
# name, and prints the folder of their binaries. Does nothing for what is there; safe from several processes.
#
#   scripts/interop-tools.sh [NAME...]     default: every tool
#
# Folder: ${WAYBILL_PEERS:-$HOME/.cache/waybill-peers}/bin. Needs Go >= 1.24 for those that come as modules, Python >= 3.10
# with venv for schemathesis, and apt (as root) for docker-registry, skopeo, curl, jq, zsh, fish, composer, Ruby with some gems,
# rpm, Maven, PostgreSQL and Chromium where they are not installed yet.
set -euo pipefail

dir=${WAYBILL_PEERS:-$HOME/.cache/waybill-peers}
mkdir -p "$dir/bin" "$dir/mods"
exec 9>"$dir/lock"
flock 9
export CGO_ENABLED=0 GOFLAGS="-trimpath -mod=mod"

# `go install PKG@VERSION` refuses modules with replace directives and asks for names that not every mirror knows. So each
# program is built from a throw-away module that requires it. The version is the pin; no checksum database is asked.
build() { # name package module@version
  local name=$1 package=$2 module=$3 work="$dir/mods/$1"
  [ -x "$dir/bin/$name" ] && return 0
  command -v go >/dev/null || { echo "interop-tools: $name needs Go >= 1.24 on the PATH" >&2; return 1; }
  mkdir -p "$work"
  echo "interop-tools: building $name ($module)" >&2
  if ! (
    cd "$work"
    printf 'module peers/%s\n\ngo 1.24\n' "$name" >go.mod
    go mod edit "-require=$module"
    GONOSUMDB='*' go build -ldflags="-s -w" -o "$dir/bin/.$name.new" "$package"
  ) >"$dir/$name.log" 2>&1; then
    echo "interop-tools: $name could not be built; the end of $dir/$name.log:" >&2
    tail -n 5 "$dir/$name.log" >&2
    return 1
  fi
  mv -f "$dir/bin/.$name.new" "$dir/bin/$name"
}

debian() { # package, and its program or the file that shows that it is there; else the program has the package's name
  { command -v "${2:-$1}" >/dev/null || [ -e "${2:-$1}" ]; } && return 0
  command -v apt-get >/dev/null || { echo "interop-tools: install $1; there is no apt-get here" >&2; return 1; }
  echo "interop-tools: installing $1" >&2
  if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1"; } \
    >"$dir/$1.log" 2>&1; then
    echo "interop-tools: $1 could not be installed; the end of $dir/$1.log:" >&2
    tail -n 5 "$dir/$1.log" >&2
    return 1
  fi
}

python() { # name = PyPI package, version
  local name=$1 version=$2 venv="$dir/venv/$1-$2"
  [ -x "$dir/bin/$name" ] && [ "$(readlink "$dir/bin/$name")" = "$venv/bin/$name" ] && return 0
  command -v python3 >/dev/null || { echo "interop-tools: $name needs Python >= 3.10 on the PATH" >&2; return 1; }
  echo "interop-tools: installing $name $version" >&2
  rm -rf "$venv"
  if ! { python3 -m venv "$venv" && "$venv/bin/pip" install -q --disable-pip-version-check "$name==$version"; } \
    >"$dir/$name.log" 2>&1; then
    echo "interop-tools: $name could not be installed; the end of $dir/$name.log:" >&2
    tail -n 5 "$dir/$name.log" >&2
    rm -rf "$venv"
    return 1
  fi
  ln -sfn "$venv/bin/$name" "$dir/bin/$name"
}

install_one() {
  case $1 in
    cosign3) build cosign3 github.com/sigstore/cosign/v3/cmd/cosign github.com/sigstore/cosign/v3@v3.1.2 ;;
    cosign2) build cosign2 github.com/sigstore/cosign/v2/cmd/cosign github.com/sigstore/cosign/v2@v2.6.1 ;;
    cosign223) build cosign223 github.com/sigstore/cosign/v2/cmd/cosign github.com/sigstore/cosign/v2@v2.2.3 ;;
    syft) build syft github.com/anchore/syft/cmd/syft github.com/anchore/syft@v1.51.0 ;;
    crane) build crane github.com/google/go-containerregistry/cmd/crane github.com/google/go-containerregistry@v0.22.1 ;;
    olareg) build olareg github.com/olareg/olareg/cmd/olareg github.com/olareg/olareg@v0.1.2 ;;
    oras) build oras oras.land/oras/cmd/oras oras.land/oras@v1.3.0 ;;
    schemathesis) python schemathesis 4.32.5 ;;
    docker-registry | skopeo | curl | jq | zsh | fish | composer) debian "$1" ;;
    ruby-sinatra) debian "$1" /usr/share/doc/ruby-sinatra ;;
    chromium) debian "$1" ;;
    rpm) debian "$1" rpmbuild ;;
    maven) debian "$1" mvn ;;
    postgresql-15) debian "$1" /usr/lib/postgresql/15/bin/postgres ;;
    *)
      echo "interop-tools: unknown tool $1" >&2
      return 2
      ;;
  esac
}

[ $# -gt 0 ] || set -- docker-registry skopeo curl jq zsh fish composer ruby-sinatra rpm maven postgresql-15 chromium crane olareg oras cosign3 cosign2 cosign223 schemathesis syft
for name in "$@"; do install_one "$name"; done
echo "$dir/bin"
