// Sets compact JSON in lines for people to read, piece by piece as it comes, without understanding it: a long list is never
// held as one text, and numbers keep their digits.

const INDENT = "  ";

/** `chunks` together are one compact JSON text, cut anywhere. */
export function* indentJson(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  const indenter = new Indenter();
  // Every byte is a character of its own: what is outside strings is ASCII, and what is inside is copied.
  for (const chunk of chunks) yield Buffer.from(indenter.next(Buffer.from(chunk).toString("latin1")), "latin1");
  yield Buffer.from("\n");
}

class Indenter {
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  /** An object or a list has begun, and is not known to be empty. */
  #isOpening = false;

  next(text: string): string {
    let result = "";
    let position = 0;
    while (position < text.length) {
      if (this.#isInString) {
        const end = this.#endOfString(text, position);
        result += text.slice(position, end);
        position = end;
      } else {
        result += this.#place(text.charAt(position));
        position += 1;
      }
    }
    return result;
  }

  #endOfString(text: string, start: number): number {
    for (let position = start; position < text.length; position += 1) {
      const character = text.charAt(position);
      if (this.#isEscaped) this.#isEscaped = false;
      else if (character === "\\") this.#isEscaped = true;
      else if (character === '"') {
        this.#isInString = false;
        return position + 1;
      }
    }
    return text.length;
  }

  #place(character: string): string {
    if (character === "}" || character === "]") return this.#close(character);
    const before = this.#isOpening ? this.#line() : "";
    this.#isOpening = false;
    switch (character) {
      case '"':
        this.#isInString = true;
        return before + character;
      case "{":
      case "[":
        this.#depth += 1;
        this.#isOpening = true;
        return before + character;
      case ",":
        return character + this.#line();
      case ":":
        return ": ";
      default:
        return before + character;
    }
  }

  #close(character: string): string {
    this.#depth -= 1;
    const before = this.#isOpening ? "" : this.#line();
    this.#isOpening = false;
    return before + character;
  }

  #line(): string {
    return `\n${INDENT.repeat(this.#depth)}`;
  }
}
