// kctl completion: a script for the shell that completes commands, flags, types and names. The script asks `kctl __complete`.

import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";

const BASH = `_kctl() {
  local IFS=$'\\n'
  COMPREPLY=($(kctl __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _kctl kctl
`;

const ZSH = `#compdef kctl
_kctl() {
  local -a found
  found=(\${(f)"$(kctl __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  compadd -a found
}
compdef _kctl kctl
`;

const FISH = `function __kctl_complete
  set -l words (commandline -opc) (commandline -ct)
  kctl __complete -- $words[2..-1] 2>/dev/null
end
complete -c kctl -f -a '(__kctl_complete)'
`;

const SCRIPTS: ReadonlyMap<string, string> = new Map([
  ["bash", BASH],
  ["zsh", ZSH],
  ["fish", FISH],
]);

export const completion = defineCommand({
  usage: "completion bash|zsh|fish",
  examples: ["source <(kctl completion bash)", "kctl completion fish | source"],
  flags: {},
  run({ args, session }) {
    const script = SCRIPTS.get(args[0] ?? "");
    if (!script)
      throw new CommandError(`unsupported shell type ${JSON.stringify(args[0] ?? "")}: it must be bash, zsh or fish`);
    session.io.out(script);
    return Promise.resolve();
  },
});
