// selectObjects for commands that change things: what they change has to be named, or picked on purpose.

import { CommandError } from "./command-error.ts";
import { selectObjects, type Selected, type Selection } from "./select-objects.ts";
import type { Session } from "./session.ts";

const NOTHING_NAMED = [
  "You must provide one or more resources by argument or filename.",
  "Example resource specifications include:",
  "   '-f rsrc.yaml'",
  "   '--filename=rsrc.json'",
  "   '<resource> <name>'",
  "   '<resource>'",
].join("\n");

/** Throws CommandError where nothing is named, or a type alone without `--all` or a selector. */
export async function selectNamed(session: Session, selection: Selection): Promise<Selected> {
  const { args, filename = [], kustomize = [] } = selection;
  if (args.length + filename.length + kustomize.length === 0) throw new CommandError(NOTHING_NAMED);
  const isTypeAlone = args.length === 1 && !args[0]?.includes("/");
  const isPicked = selection.all || selection.selector || selection["field-selector"];
  if (isTypeAlone && !isPicked) throw new CommandError("resource(s) were provided, but no name was specified");
  return selectObjects(session, selection);
}
