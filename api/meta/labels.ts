// Labels as text.

/** `app=web,tier=front`, sorted by key; `<none>` where there are none. */
export function renderLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.sort().join(",") || "<none>";
}
