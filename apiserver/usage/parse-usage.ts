// Reads what a kubelet tells at /metrics/resource: Prometheus' text form, of which only the usage is taken. Pure. A line that
// is none, or says nothing usable, is passed over: kubelets of other versions tell more.

/** What something had used by some moment. */
export interface UsagePoint {
  /** Of all cores together, since the start. */
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** When it was started; of containers only. */
  readonly startedMs?: number;
}

export interface UsageReading {
  readonly node: UsagePoint | undefined;
  /** By `namespace/name`, and then by the container's name. */
  readonly pods: ReadonlyMap<string, ReadonlyMap<string, UsagePoint>>;
}

interface Draft {
  cpuSeconds?: number;
  memoryBytes?: number;
  startedMs?: number;
  atMs?: number;
}

const FIELDS: Readonly<Record<string, (value: number) => Draft>> = {
  cpu_usage_seconds_total: (cpuSeconds) => ({ cpuSeconds }),
  memory_working_set_bytes: (memoryBytes) => ({ memoryBytes }),
  start_time_seconds: (value) => ({ startedMs: value * 1000 }),
};

const SAMPLE = /^(node|container)_([a-z_]+)(?:\{([^}]*)\})? (\S+)(?: (\d+))?$/;
const LABEL = /([a-z_]+)="([^"]*)"/g;

/** `nowMs`: when samples without a time are taken to have been measured. */
export function parseUsage(text: string, nowMs: number): UsageReading {
  const node: Draft = {};
  const pods = new Map<string, Map<string, Draft>>();
  for (const line of text.split("\n")) {
    const sample = parseSample(line, nowMs);
    const draft = sample?.subject === "node" ? node : sample && draftOf(pods, sample.labels);
    if (sample && draft) Object.assign(draft, sample.read);
  }
  const found = [...pods].map(([pod, containers]) => [pod, new Map([...containers].flatMap(complete))] as const);
  return { node: pointOf(node), pods: new Map(found) };
}

/** More than any machine has, and nonsense, would break whoever counts with it. */
const isUsable = (value: number): boolean => value >= 0 && value <= Number.MAX_SAFE_INTEGER;
/** The year 9999. */
const LATEST_MS = Date.UTC(10_000, 0) - 1;

interface Sample {
  readonly subject: string;
  readonly labels: string;
  readonly read: Draft;
}

function parseSample(line: string, nowMs: number): Sample | undefined {
  const [, subject = "", field = "", labels = "", value, at] = SAMPLE.exec(line) ?? [];
  const read = Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined;
  if (!read || !isUsable(Number(value)) || Number(at ?? 0) > LATEST_MS) return undefined;
  // When something was started is no measurement.
  const time = field === "start_time_seconds" ? {} : { atMs: at === undefined ? nowMs : Number(at) };
  return { subject, labels, read: { ...read(Number(value)), ...time } };
}

function draftOf(pods: Map<string, Map<string, Draft>>, text: string): Draft | undefined {
  const labels = new Map([...text.matchAll(LABEL)].map(([, name = "", value = ""]) => [name, value]));
  const [namespace, pod, container] = ["namespace", "pod", "container"].map((name) => labels.get(name));
  if (!namespace || !pod || !container) return undefined;
  const containers = pods.get(`${namespace}/${pod}`) ?? new Map<string, Draft>();
  pods.set(`${namespace}/${pod}`, containers);
  const draft = containers.get(container) ?? {};
  containers.set(container, draft);
  return draft;
}

function complete([name, draft]: [string, Draft]): [string, UsagePoint][] {
  const point = pointOf(draft);
  return point ? [[name, point]] : [];
}

/** What lacks one of both resources was looked at while it started or ended. */
function pointOf({ cpuSeconds, memoryBytes, atMs, startedMs }: Draft): UsagePoint | undefined {
  if (cpuSeconds === undefined || memoryBytes === undefined || atMs === undefined) return undefined;
  return { cpuSeconds, memoryBytes, atMs, ...(startedMs !== undefined && { startedMs }) };
}
