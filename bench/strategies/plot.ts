// Draws lines through points on logarithmic axes, as an SVG document of its own. Pure.

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Line {
  readonly name: string;
  readonly points: readonly Point[];
}

export interface Plot {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly lines: readonly Line[];
}

const WIDTH = 760;
const HEIGHT = 460;
const AREA = { left: 70, right: 510, top: 50, bottom: 400 };
/** Told apart by those who do not see colours well, too (Okabe and Ito); the dashes help where they repeat. */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];
const DASHES = ["none", "6 3", "2 3"];

export function renderPlot({ title, xTitle, yTitle, lines }: Plot): string {
  const points = lines.flatMap((line) => line.points);
  const x = new Axis(
    points.map((point) => point.x),
    [AREA.left, AREA.right],
  );
  const y = new Axis(
    points.map((point) => point.y),
    [AREA.bottom, AREA.top],
  );
  const middle = { x: (AREA.left + AREA.right) / 2, y: (AREA.top + AREA.bottom) / 2 };
  const parts = [
    text({ x: middle.x, y: 25 }, title, 'text-anchor="middle" font-size="15"'),
    ...x.ticks().flatMap((value) => {
      const at = x.at(value);
      return [segment({ x: at, y: AREA.top }, { x: at, y: AREA.bottom }), xLabel(at, value)];
    }),
    ...y.ticks().flatMap((value) => {
      const at = y.at(value);
      return [segment({ x: AREA.left, y: at }, { x: AREA.right, y: at }), yLabel(at, value)];
    }),
    text({ x: middle.x, y: HEIGHT - 15 }, xTitle, 'text-anchor="middle"'),
    text({ x: 18, y: middle.y }, yTitle, `text-anchor="middle" transform="rotate(-90 18 ${middle.y})"`),
    ...lines.flatMap((line, index) => drawLine(line, index, { x, y })),
  ];
  const size = `width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}"`;
  const open = `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="12">`;
  const ground = `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`;
  return `${[open, ground, ...parts, "</svg>"].join("\n")}\n`;
}

interface Axes {
  readonly x: Axis;
  readonly y: Axis;
}

function drawLine({ name, points }: Line, index: number, { x, y }: Axes): readonly string[] {
  const colour = COLOURS[index % COLOURS.length];
  const dash = DASHES[Math.floor(index / COLOURS.length) % DASHES.length];
  const at = points.map((point) => ({ x: x.at(point.x), y: y.at(point.y) }));
  const path = at.map((point) => `${round(point.x)},${round(point.y)}`).join(" ");
  const style = `stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"`;
  const key = { x: AREA.right + 15, y: AREA.top + 10 + 22 * index };
  return [
    `<polyline points="${path}" fill="none" ${style}/>`,
    ...at.map((point) => `<circle cx="${round(point.x)}" cy="${round(point.y)}" r="3" fill="${colour}"/>`),
    `<line x1="${key.x}" y1="${key.y}" x2="${key.x + 20}" y2="${key.y}" ${style}/>`,
    text({ x: key.x + 26, y: key.y + 4 }, name),
  ];
}

const xLabel = (at: number, value: number) =>
  text({ x: at, y: AREA.bottom + 18 }, String(value), 'text-anchor="middle"');
const yLabel = (at: number, value: number) => text({ x: AREA.left - 8, y: at + 4 }, String(value), 'text-anchor="end"');

const segment = (from: Point, to: Point) =>
  `<line x1="${round(from.x)}" y1="${round(from.y)}" x2="${round(to.x)}" y2="${round(to.y)}" stroke="#dddddd"/>`;

const text = ({ x, y }: Point, content: string, attributes = "") =>
  `<text x="${round(x)}" y="${round(y)}"${attributes && ` ${attributes}`}>${escapeText(content)}</text>`;

export const escapeText = (content: string) =>
  content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const round = (value: number) => Math.round(value * 10) / 10;

/** Logarithmic, from a power of ten to a power of ten. What is not above zero has no place on it: it is drawn at the low end. */
class Axis {
  readonly #from: number;
  readonly #to: number;
  readonly #range: readonly [start: number, end: number];

  constructor(values: readonly number[], range: readonly [number, number]) {
    const logs = values.filter((value) => value > 0).map((value) => Math.log10(value));
    this.#from = logs.length === 0 ? 0 : Math.floor(Math.min(...logs));
    this.#to = logs.length === 0 ? 1 : Math.max(this.#from + 1, Math.ceil(Math.max(...logs)));
    this.#range = range;
  }

  at(value: number): number {
    const [start, end] = this.#range;
    const log = value > 0 ? Math.max(Math.log10(value), this.#from) : this.#from;
    return start + ((log - this.#from) / (this.#to - this.#from)) * (end - start);
  }

  ticks(): readonly number[] {
    const powers = Array.from({ length: this.#to - this.#from + 1 }, (_, index) => this.#from + index);
    // Below one, powers are not exact.
    return powers.map((power) => Number(`1e${power}`));
  }
}
