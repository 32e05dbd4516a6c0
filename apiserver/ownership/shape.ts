// Objects made from one template have the same fields, so that the set of a new object's fields has nearly always been made
// before. A shape is a step on the way to such a set: from it, the field that comes next leads on to the next shape.

import { type Children, type FieldSet, LEAF, nodeOf } from "../../api/schema/field-set.ts";
import { SELF } from "../../api/schema/path-element.ts";

/** Shapes beyond this many are forgotten, all at once: the names in them are the clients'. */
const SHAPES_MAX = 50_000;

export class Shape {
  readonly #before: Shape | undefined;
  readonly #element: string;
  readonly #below: FieldSet;
  readonly #next = new Map<string, Map<FieldSet, Shape>>();
  /** The step that was taken last is nearly always the one that is taken next. */
  #latest: Shape | undefined;
  #set: FieldSet | undefined;

  private constructor(before?: Shape, element = "", below = LEAF) {
    this.#before = before;
    this.#element = element;
    this.#below = below;
  }

  // Made when they are first asked for: compiled, a class cannot make instances of itself while it is being defined.
  static #count = 0;
  static #nothing: Shape | undefined;
  static #itself: Shape | undefined;

  /** The start for a place that does not belong to the set itself. */
  static get nothing(): Shape {
    return (Shape.#nothing ??= new Shape());
  }

  /** The start for a place that does. */
  static get itself(): Shape {
    return (Shape.#itself ??= Shape.nothing.with(SELF, LEAF));
  }

  with(element: string, below: FieldSet): Shape {
    const latest = this.#latest;
    if (latest && latest.#element === element && latest.#below === below) return latest;
    return (this.#latest = this.#find(element, below));
  }

  /** undefined: nothing has been added. */
  get set(): FieldSet | undefined {
    return this.#before ? (this.#set ??= nodeOf(Shape.#childrenOf(this))) : undefined;
  }

  #find(element: string, below: FieldSet): Shape {
    const nexts = this.#next.get(element) ?? new Map<FieldSet, Shape>();
    const known = nexts.get(below);
    if (known) return known;
    const next = new Shape(this, element, below);
    nexts.set(below, next);
    this.#next.set(element, nexts);
    Shape.#count += 1;
    if (Shape.#count > SHAPES_MAX) Shape.#forget();
    return next;
  }

  static #forget(): void {
    Shape.#count = 0;
    Shape.#nothing = undefined;
    Shape.#itself = undefined;
  }

  /** A loop: an object may have more fields than the stack has room for calls. */
  static #childrenOf(last: Shape): Children {
    const children: (readonly [string, FieldSet])[] = [];
    for (let step = last; step.#before; step = step.#before) children.push([step.#element, step.#below]);
    return children;
  }
}
