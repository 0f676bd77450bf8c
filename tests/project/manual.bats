# SPDX-License-Identifier: MIT
# Knows that the manual and the completions say what the programs do: in mdoc, and in each shell.

load ../support/helper
need mandoc zsh fish zstd zip

MAN=$BUILD/share/man
PATH=$BUILD/bin:$PATH

setup() {
  cd "$BATS_TEST_TMPDIR"
  mkdir notes
  seq 2000 >notes/today.txt
  touch -d '2020-01-01' notes/today.txt
  seq 4000 >notes/tomorrow.txt
}

pages() {
  find "$MAN" -type f
}

# The names of a program's options, letters and words, as --help has them: options PROGRAM
options() {
  "$1" --help | sed -n '/^Options:/,/^$/p' | grep -oE '^ +(-.|--[a-z-]+)(, --[a-z-]+)?' |
    grep -oE -e '--?[^ ,]+'
}

@test "mandoc has nothing to say about the pages" {
  local page
  [ "$(pages | wc -l)" -eq 5 ]
  for page in $(pages); do
    run mandoc -T lint "$page"
    # What else is installed here is not the page's fault.
    output=$(grep -vE 'referenced manual not found|outdated mandoc.db' <<<"$output" || true)
    [ -z "$output" ] || { echo "$output"; return 1; }
  done
}

@test "pages refer to pages that exist" {
  local name section
  grep -hoE '^\.Xr (vx[a-z0-9]*) [0-9]' $(pages) | sort -u | while read -r _ name section; do
    [ -f "$MAN/man$section/$name.$section" ] || { echo "no $name($section)"; return 1; }
  done
}

@test "each option of --help is in the page, and each exit status" {
  local program option text
  for program in vxzip vxunzip vxrun; do
    text=$(mandoc -T ascii "$MAN/man1/$program.1" | sed 's/.\x08//g')
    [ "$(options $program | wc -l)" -gt 10 ]
    for option in $(options $program); do
      grep -qE "^ +(-., )?(.*, )?$option([ =,]|\$)" <<<"$text" || [[ $option == -[0-9] ]] ||
        { echo "$program.1: no $option"; return 1; }
    done
    "$program" --help | sed -n '/^Exit status/,$p' | tr '\n' ' ' | grep -oE '(: |; )[0-9n+-]+ ' |
      tr -d ':; ' | while read -r option; do
      grep -qE "^ +${option/+/\\+} " <<<"$text" || { echo "$program.1: no status $option"; return 1; }
    done
  done
}

# Lines "$ COMMAND" of a page's examples, in order.
examples() {
  awk '/^\.Sh EXAMPLES/ { on = 1 } /^\.Sh SEE/ { on = 0 } on && /^\$ / { print substr($0, 3) }' "$1"
}

@test "the manual's examples can be run as they stand" {
  local page command count=0
  vxzip -qr notes.zip notes
  for page in vxzip vxunzip vxrun; do
    while read -r command; do
      count=$((count + 1))
      bash -euo pipefail -c "$command" >said 2>&1 </dev/null ||
        { echo "$page: $command: $(cat said)"; return 1; }
    done < <(examples "$MAN/man1/$page.1")
  done
  [ "$count" -ge 14 ]
}

# What bash offers for the last of these words, of which = is one: bash_offers WORD...
bash_offers() {
  bash -c 'compopt() { :; }
    source "$0"
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    "_$1" && printf "%s\n" "${COMPREPLY[@]}"' "$BUILD/share/bash-completion/completions/$1" "$@"
}

@test "bash completes options, their words and folders" {
  [ "$(bash_offers vxzip --por)" = --portable ]
  [ "$(bash_offers vxzip --meth)" = --method= ]
  [ "$(bash_offers vxzip --engine = int)" = interpret ]
  [ "$(bash_offers vxunzip --engine =)" = $'auto\ninterpret\ntranslate\nall' ]
  [ "$(bash_offers vxunzip -d no)" = notes ]
  [ "$(bash_offers vxrun --profile linux)" = linux-filter ]
  [ -z "$(bash_offers vxunzip no)" ] # files: the shell's own way
  local program option
  for program in vxzip vxunzip vxrun; do
    for option in $(options $program); do
      bash_offers $program "$option" | grep -qx -e "$option=\?" ||
        { echo "$program: no $option"; return 1; }
    done
  done
}

@test "fish completes options, their words and folders" {
  fish_offers() {
    fish --no-config -c "set fish_complete_path '$BUILD/share/fish/vendor_completions.d'
      complete -C '$1'" | cut -f 1
  }
  export HOME=$PWD
  [ "$(fish_offers 'vxzip --por')" = --portable ]
  [ "$(fish_offers 'vxzip --engine=int')" = --engine=interpret ]
  [ "$(fish_offers 'vxunzip -d no')" = notes/ ]
  [ "$(fish_offers 'vxrun --profile lin')" = linux-filter ]
  fish_offers 'vxunzip --' | grep -qx -e --max-ratio
}

# Types a command line with a tab at its end into zsh, and tells what is in the line then.
zsh_line() {
  timeout 60 zsh -f -c '
    zmodload zsh/zpty
    zpty -b shell zsh -f -i
    zpty -w shell "PS1=; unset zle_bracketed_paste; fpath=($1 \$fpath)"
    zpty -w shell "autoload -U compinit; compinit -D -u"
    zpty -w shell "show() { print -r -- \"<<\$BUFFER>>\"; BUFFER=; zle accept-line }; zle -N show"
    zpty -w shell "bindkey \"^G\" show; LISTMAX=0; print ready"
    zpty -r -m shell text "*ready*ready*"
    zpty -w -n shell "$2"$'"'\\t\\a'"'
    zpty -r -m shell text "*<<*>>*"
    print -r -- "$text"' zsh "$BUILD/share/zsh/vendor-completions" "$1" |
    grep -ao '<<.*>>' | tail -1
}

@test "zsh completes options and their words" {
  local HOME=$PWD
  [ "$(zsh_line 'vxzip --por')" = '<<vxzip --portable >>' ]
  [ "$(zsh_line 'vxunzip --engine=int')" = '<<vxunzip --engine=interpret >>' ]
  [ "$(zsh_line 'vxrun --prof')" = '<<vxrun --profile=>>' ]
  [ "$(zsh_line 'vxunzip -d no')" = '<<vxunzip -d notes/>>' ]
}

@test "a form that does not exist is wrong usage" {
  ends 16 vxzip --describe=troff
  ends 10 vxunzip --describe=troff
  ends 125 vxrun --describe=troff
  says "no such form" bash
}
