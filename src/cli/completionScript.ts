/** Shells whose completion is written. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * A script that has the shell ask `waybill __complete` what may follow: nothing about commands stands in it, so that it stays
 * right when the program is replaced. `names`: words that are completed, `waybill` and others by which it is called; each has
 * no character that a shell reads as anything but itself.
 */
export const completionScript = (shell: Shell, names: readonly string[]): string => SCRIPTS[shell](names.join(" "));

// Readline takes what follows a = or a : for a word of its own, so that the part before it must not be offered again.
const bash = (names: string): string => `# bash completion; read it with: source <(waybill completion bash)
_waybill() {
  local line=\${COMP_LINE:0:COMP_POINT} words=() offered current breaks keep= paths=
  read -r -a words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  current=\${words[\${#words[@]}-1]}
  breaks=\${COMP_WORDBREAKS//[^=:]/}
  [[ -n $breaks ]] && keep=\${current%"\${current##*[$breaks]}"}
  COMPREPLY=()
  while IFS= read -r offered; do
    case $offered in
      :*) paths=$offered ;;
      *) offered=\${offered%%$'\\t'*}; COMPREPLY+=("\${offered#"$keep"}") ;;
    esac
  done < <(command waybill __complete "\${words[@]:1}" 2>/dev/null)
  [[ $paths == *open* ]] && compopt -o nospace 2>/dev/null
  case $paths in *files*) paths=-f ;; *directories*) paths=-d ;; *) return 0 ;; esac
  compopt -o filenames 2>/dev/null
  current=\${current##*[=:]}
  while IFS= read -r offered; do COMPREPLY+=("$offered"); done < <(compgen "$paths" -- "$current")
}
complete -F _waybill ${names}
`;

const zsh = (names: string): string => `#compdef ${names}
# zsh completion; read it with: source <(waybill completion zsh), after compinit
_waybill() {
  local offered paths meaning
  local -a given candidates after
  given=("\${(@Q)words[2,CURRENT]}")
  given[-1]=\${(Q)PREFIX}
  while IFS= read -r offered; do
    case $offered in
      :*) paths=$offered ;;
      *) meaning=\${offered#*$'\\t'}; candidates+=("\${\${offered%%$'\\t'*}//:/\\\\:}\${meaning:+:$meaning}") ;;
    esac
  done < <(command waybill __complete "\${given[@]}" 2>/dev/null)
  [[ $paths == *open* ]] && after=(-S '')
  (( \${#candidates} )) && _describe -t words word candidates $after
  case $paths in
    *files*) compset -P '*[=:]'; _files ;;
    *directories*) compset -P '*[=:]'; _files -/ ;;
  esac
}
if [[ $funcstack[1] == _waybill ]]; then _waybill "$@"; else compdef _waybill ${names}; fi
`;

const fish = (names: string): string => `# fish completion; read it with: waybill completion fish | source
function __waybill_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  set -l paths
  for offered in (command waybill __complete $words[2..-1] "$current" 2>/dev/null)
    if string match -q ':*' -- $offered
      set paths $offered
    else
      printf '%s\\n' $offered
    end
  end
  set -l keep (string match -r '^.*[=:]' -- $current)
  set -l rest (string replace -r '^.*[=:]' '' -- $current)
  if string match -q '*files*' -- $paths
    for path in (__fish_complete_path "$rest"); printf '%s\\n' "$keep$path"; end
  else if string match -q '*directories*' -- $paths
    for path in (__fish_complete_directories "$rest"); printf '%s\\n' "$keep$path"; end
  end
end
for name in ${names}
  complete -c $name -f -a '(__waybill_complete)'
end
`;

const SCRIPTS: Readonly<Record<Shell, (names: string) => string>> = { bash, zsh, fish };
