// Warning headers, in which the server tells a client what is odd about a request that it serves: RFC 7234, code 299, no
// agent, the text quoted. Headers have limits, so that all warnings together are cut as Kubernetes cuts them.

/** What all texts together may have; beyond it each is cut, and more are dropped. */
const TOTAL_MAX = 4096;
const CUT_TEXT_MAX = 256;

/** Each text once, as one header; undefined where there is nothing to say. */
export function renderWarnings(warnings: readonly string[]): string | undefined {
  const texts = [...new Set(warnings)].filter((text) => text !== "");
  const length = texts.reduce((sum, text) => sum + lengthOf(text), 0);
  const lines = (length <= TOTAL_MAX ? texts : cut(texts)).filter(isPrintable).map(renderWarning);
  return lines.length > 0 ? lines.join(", ") : undefined;
}

function cut(texts: readonly string[]): readonly string[] {
  const kept: string[] = [];
  let length = 0;
  for (const text of texts) {
    if (length >= TOTAL_MAX) break;
    const short = [...text].slice(0, CUT_TEXT_MAX).join("");
    length += lengthOf(short);
    kept.push(short);
  }
  return kept;
}

const lengthOf = (text: string) => [...text].length;

/** A header cannot hold control characters, and a warning that has some is dropped. */
const isPrintable = (text: string) => !/\p{Cc}/u.test(text);

/** Headers are bytes: UTF-8, handed to Node one byte a character. */
function renderWarning(text: string): string {
  return `299 - "${Buffer.from(text.replace(/[\\"]/g, "\\$&")).toString("latin1")}"`;
}
