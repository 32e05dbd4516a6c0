// Tries one strategy on one trace. The same trace, times and strategy give the same figures each time.

import { seededRandom } from "../../lib/random.ts";
import { Cell } from "./cell.ts";
import { EventLine } from "./event-line.ts";
import type { Strategy, Times } from "./index.ts";
import type { StrategyFigures } from "./measures.ts";
import { Picture } from "./picture.ts";
import { Playback } from "./playback.ts";
import type { Trace } from "./trace.ts";

export async function runStrategy(strategy: Strategy, trace: Trace, times: Times): Promise<StrategyFigures> {
  const { shape } = trace;
  const cell = await Cell.start(shape, strategy.cellOptions?.(shape) ?? {});
  try {
    const playback = new Playback({ cell, line: new EventLine(shape.lengthMs) });
    await placeResidents(playback, trace);
    await playback.play(trace, await strategy.build(playback, times));
    return playback.measures.figures(shape.nodes * shape.nodeCpuMillis, shape.lengthMs);
  } finally {
    await cell.stop();
  }
}

/** What runs when the trace begins has come to its nodes the usual way, in no time. */
async function placeResidents(playback: Playback, { residents }: Trace): Promise<void> {
  const { cell } = playback;
  const namespaces = await cell.namespaces;
  const picture = new Picture({ nodes: cell.nodes, namespaces, random: seededRandom(1) });
  for (const job of residents) {
    const waiting = await cell.submit(job, job.tasks);
    const { choices } = picture.plan(waiting, { preempts: false });
    await playback.place({ job, waiting, blockedAt: -1 }, choices, { mode: "Incremental" });
  }
}
