// kctl top schedulers: how often the schedulers of a cluster get in each other's way.

import { readText } from "../../client/response-body.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { onOff } from "../flags.ts";
import { parseFigures, renderSchedulers } from "../top/render-schedulers.ts";

export const topSchedulers = defineCommand({
  usage: "top schedulers",
  description:
    "Shows what became of each scheduler's and framework's bindings since the API server that answers has started: a conflict is one that another scheduler was faster than, abandoned are those of an all-or-nothing placement that another one of it has undone.",
  examples: ["kctl top schedulers"],
  flags: { "no-headers": onOff("Leave out the line with the names of the columns.") },
  async run({ flags, args, session }) {
    if (args.length > 0) throw new CommandError("top schedulers takes no names");
    const server = await session.server();
    const figures = parseFigures(await readText(await server.send({ method: "GET", path: "/metrics" })));
    if (figures.length === 0) {
      session.io.err("No scheduler has bound a pod since the API server has started.\n");
      return;
    }
    session.io.out(renderSchedulers(figures, !flags["no-headers"]));
  },
});
