// What `kctl why` prints: whole sentences in two columns. Pure.

import type { AnyObject } from "../any-object.ts";
import { alignTabs, describeSpacing } from "../printers/tab-writer.ts";

/** As the scheduler's explanation gives it, or what keeps a workload from having pods. */
export interface Answer {
  /** Such as `Pod default/web`. */
  readonly about: string;
  /** One word, for programs. */
  readonly cause: string;
  readonly summary: string;
  readonly evidence: readonly string[];
  /** The smallest first. */
  readonly changes: readonly AnswerChange[];
  /** What may help and was not tried. */
  readonly advice: readonly AnswerChange[];
}

export interface AnswerChange {
  readonly steps: readonly { readonly text: string; readonly command?: string }[];
  readonly edits: readonly { readonly verb: string; readonly object: AnyObject }[];
}

export function renderAnswers(answers: readonly Answer[]): string {
  return answers.map(renderAnswer).join("\n");
}

function renderAnswer({ about, cause, summary, evidence, changes, advice }: Answer): string {
  const rows: [string, string][] = [
    ["About", about],
    ["Cause", cause],
    ["Why", summary],
    ...titled("Seen", evidence),
    ...changes.flatMap((change, index) => changeRows(index === 0 ? "Change" : "Or", change)),
    ...advice.flatMap((change) => changeRows("Try", change)),
    ...noteRows(changes),
    ...(changes.length + advice.length === 0 && cause !== "None"
      ? [["Change", "No single change was found that would help."] as [string, string]]
      : []),
  ];
  const lines = rows.map(([title, text]) => `${title ? `${title}:` : ""}\t${text}`);
  return `${alignTabs(lines.join("\n"), describeSpacing)}\n`;
}

const titled = (title: string, texts: readonly string[]): [string, string][] =>
  texts.map((text, index) => [index === 0 ? title : "", text]);

function changeRows(title: string, { steps }: AnswerChange): [string, string][] {
  return titled(
    title,
    steps.flatMap(({ text, command }) => (command ? [text, `  ${command}`] : [text])),
  );
}

const noteRows = (changes: readonly AnswerChange[]): [string, string][] =>
  changes.some(({ edits }) => edits.some(({ verb }) => verb === "replace"))
    ? [["Note", "A pod's spec is fixed: delete the pod and create it anew, changed, or let its controller do so."]]
    : [];
