// Lists in a table's cell: a few items, then how many there are besides.

const SHOWN_MAX = 3;

/** `a,b,c + 2 more...` */
export function renderShortList(items: readonly (string | number)[]): string {
  const shown = items.slice(0, SHOWN_MAX).join(",");
  return items.length > SHOWN_MAX ? `${shown} + ${items.length - SHOWN_MAX} more...` : shown;
}
