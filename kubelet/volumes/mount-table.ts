// What is mounted on the node, from the kernel's table. Pure.

export interface MountEntry {
  readonly path: string;
  /** Mounts made below it are seen by others that have it, such as containers. */
  readonly isShared: boolean;
}

/** The text of /proc/self/mountinfo, in the order of mounting. */
export function parseMountTable(text: string): readonly MountEntry[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    const [before = ""] = line.split(" - ");
    const [, , , , path = "", , ...optional] = before.split(" ");
    return { path: unescape(path), isShared: optional.some((each) => each.startsWith("shared:")) };
  });
}

/** The kernel writes blanks, line ends and backslashes as octal numbers, byte by byte. */
function unescape(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}

/** What is mounted below a directory, innermost first; of several at one place, each. */
export function mountsBelow(table: readonly MountEntry[], directory: string): readonly string[] {
  const below = table.map(({ path }) => path).filter((path) => path.startsWith(`${directory}/`));
  return below.sort((left, right) => right.length - left.length);
}

/** The mount that a path lies in. */
export function mountOf(table: readonly MountEntry[], path: string): MountEntry | undefined {
  const around = table.filter((each) => path === each.path || path.startsWith(each.path.replace(/\/?$/, "/")));
  return around.reduce<MountEntry | undefined>(
    (best, each) => (best && best.path.length > each.path.length ? best : each),
    undefined,
  );
}
