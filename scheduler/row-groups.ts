// Rows in groups whose members the rules tell apart by their fixed points alone: of each group only the rows with the most
// points can be chosen, so that a decision looks at one row for each group instead of at every row.

/** The rows of one group by their fixed points. */
interface Group {
  readonly key: string;
  readonly rowsByPoints: Map<number, number[]>;
  /** All its rows. */
  size: number;
  /** The most points that any of its rows has. */
  best: number;
  /** Its place in the list of groups. */
  index: number;
}

interface Place {
  readonly group: Group;
  readonly points: number;
  /** Where the row stands among those with the same points. */
  position: number;
}

/** Bound: an entry for each row. */
export class RowGroups {
  readonly #byKey = new Map<string, Group>();
  readonly #list: Group[] = [];
  readonly #places: (Place | undefined)[] = [];

  /** How many groups there are. */
  get size(): number {
    return this.#list.length;
  }

  clear(): void {
    this.#byKey.clear();
    this.#list.length = 0;
    this.#places.length = 0;
  }

  /** The row is in this group with these points from now on, wherever it was before. */
  put(row: number, key: string, points: number): void {
    const known = this.#places[row];
    if (known?.points === points && known.group.key === key) return;
    this.remove(row);
    const group = this.#byKey.get(key) ?? this.#addGroup(key);
    const rows = group.rowsByPoints.get(points) ?? [];
    group.rowsByPoints.set(points, rows);
    this.#places[row] = { group, points, position: rows.length };
    group.size++;
    rows.push(row);
    if (points > group.best) group.best = points;
  }

  remove(row: number): void {
    const place = this.#places[row];
    if (!place) return;
    this.#places[row] = undefined;
    const { group, points, position } = place;
    const rows = group.rowsByPoints.get(points);
    const last = rows?.pop();
    if (!rows || last === undefined) return;
    group.size--;
    const moved = this.#places[last];
    if (last !== row && moved) {
      rows[position] = last;
      moved.position = position;
    }
    if (rows.length > 0) return;
    group.rowsByPoints.delete(points);
    if (group.rowsByPoints.size === 0) this.#removeGroup(group);
    else if (points === group.best) group.best = highestOf(group.rowsByPoints.keys());
  }

  /** For each group one of its best rows, how many there are with as many points, and how many there are at all. */
  forEachBest(visit: (row: number, equals: number, members: number) => void): void {
    for (const { rowsByPoints, best, size } of this.#list) {
      const rows = rowsByPoints.get(best);
      const row = rows?.[0];
      if (rows && row !== undefined) visit(row, rows.length, size);
    }
  }

  /** The rows that are equal to this one in all respects, itself among them. */
  equalsOf(row: number): readonly number[] {
    const place = this.#places[row];
    return place?.group.rowsByPoints.get(place.points) ?? [];
  }

  #addGroup(key: string): Group {
    const group: Group = {
      key,
      rowsByPoints: new Map<number, number[]>(),
      size: 0,
      best: -Infinity,
      index: this.#list.length,
    };
    this.#byKey.set(key, group);
    this.#list.push(group);
    return group;
  }

  #removeGroup({ key, index }: Group): void {
    this.#byKey.delete(key);
    const last = this.#list.pop();
    if (!last || last.index === index) return;
    last.index = index;
    this.#list[index] = last;
  }
}

function highestOf(values: Iterable<number>): number {
  let highest = -Infinity;
  for (const value of values) if (value > highest) highest = value;
  return highest;
}
