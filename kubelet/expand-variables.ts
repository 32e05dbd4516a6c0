// $(NAME) references in environment values, commands and arguments, by Kubernetes' rules: `$$` stands for a dollar sign, a
// name that is not known stays as it is written. Pure.

const REFERENCE = /\$(?:\$|\(([^()]*)\))/g;

export function expandVariables(text: string, variables: Pick<ReadonlyMap<string, string>, "get">): string {
  return text.replace(REFERENCE, (written: string, name: string | undefined) => {
    if (name === undefined) return "$";
    return variables.get(name) ?? written;
  });
}
