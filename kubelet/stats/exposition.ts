// Prometheus' text form of samples that are read when they are asked for, each with the time of its measurement. What the
// kubelet counts itself is lib/metrics.ts. Pure.

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  /** Milliseconds since 1970; of now unless given. */
  readonly atMs?: number;
}

export interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** Families without samples are left out. */
export const renderFamilies = (families: readonly Family[]): string => families.map(renderFamily).join("");

function renderFamily({ name, type, help, samples }: Family): string {
  if (samples.length === 0) return "";
  const lines = samples.map(({ labels, value, atMs }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
    const set = pairs.length > 0 ? `{${pairs.join(",")}}` : "";
    return `${name}${set} ${value}${atMs === undefined ? "" : ` ${Math.round(atMs)}`}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

const escapeLabel = (text: string) =>
  text.replace(/[\\"\n]/g, (character) => (character === "\n" ? "\\n" : `\\${character}`));
