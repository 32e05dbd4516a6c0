// kctl set image: other images for the containers of pods and workloads.

import { applyImages, parseImages } from "../changes/image-changes.ts";
import { requirePodSpec, splitPodChanges, templateFlags } from "../changes/template-change.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { selectNamed } from "../select-named.ts";

export const setImage = defineCommand({
  usage: "set image (TYPE NAME | TYPE/NAME | -f FILE) CONTAINER=IMAGE ...",
  description: "The container * stands for all of them.",
  examples: ["kctl set image deployment/web nginx=nginx:1.27", "kctl set image deployments --all '*=app:2'"],
  flags: templateFlags,
  async run({ flags, args, session }) {
    const { resources, changes } = splitPodChanges(args, (word) => word.includes("="));
    if (changes.length === 0) throw new CommandError("at least one image update is required");
    const images = parseImages(changes);
    const selected = await selectNamed(session, { ...flags, args: resources });
    const { changeAll } = await import("../changes/change-object.ts");
    await changeAll(session, selected, {
      flags,
      fieldManager: flags["field-manager"] ?? "kubectl-set",
      plan: (object) => applyImages(requirePodSpec(object), images),
      describe: ({ isChanged }) => (isChanged ? "image updated" : undefined),
    });
  },
});
