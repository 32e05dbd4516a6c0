// Amounts of resources as one cell of a table: `cpu: 3, memory: 1Gi`.

export function renderAmounts(amounts: Readonly<Record<string, string>> = {}): string {
  const texts = Object.keys(amounts)
    .sort()
    .map((name) => `${name}: ${amounts[name]}`);
  return texts.join(", ") || "<none>";
}
