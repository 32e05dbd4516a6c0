// Makes the links of a proxied page lead through the proxy again. What is rewritten, and how, is Kubernetes': links to the
// page's own host or without one that begin with a slash, in the attributes that hold addresses.

export interface LinkRules {
  /** The path of the proxy, without what is asked of the backend: `/api/v1/namespaces/x/pods/y/proxy`. */
  readonly prefix: string;
  /** `host:port` of the backend, and that by which the client has called this server. */
  readonly hosts: readonly string[];
}

const URL_PARTS = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(.*)$/is;

/** The address to give to the client; links to elsewhere, and relative ones, stay as they are. */
export function rewriteUrl(url: string, { prefix, hosts }: LinkRules): string {
  const [, scheme, host, path = "", rest = ""] = URL_PARTS.exec(url) ?? [];
  const isElsewhere = host ? !hosts.includes(host) : scheme !== undefined;
  if (isElsewhere || !path.startsWith("/")) return url;
  // The proxy is on the host that the client talks to.
  return path.startsWith(prefix) ? path + rest : prefix + path + rest;
}

/** Elements and their attributes that hold addresses. */
const LINKS: Readonly<Record<string, readonly string[]>> = {
  a: ["href"],
  applet: ["codebase"],
  area: ["href"],
  audio: ["src"],
  base: ["href"],
  blockquote: ["cite"],
  body: ["background"],
  button: ["formaction"],
  command: ["icon"],
  del: ["cite"],
  embed: ["src"],
  form: ["action"],
  frame: ["longdesc", "src"],
  head: ["profile"],
  html: ["manifest"],
  iframe: ["longdesc", "src"],
  img: ["longdesc", "src", "usemap"],
  input: ["src", "usemap", "formaction"],
  ins: ["cite"],
  link: ["href"],
  object: ["classid", "codebase", "data", "usemap"],
  q: ["cite"],
  script: ["src"],
  source: ["src"],
  video: ["poster", "src"],
};

/** Elements whose content is no markup. */
const RAW: readonly string[] = ["script", "style"];
const NAME = /[a-z][a-z0-9]*/y;

/** The page with its links rewritten. It is read once from left to right; what is not closed ends the reading. */
export function rewriteHtml(page: string, rules: LinkRules): string {
  const lowerCase = page.toLowerCase();
  let result = "";
  let copied = 0;
  for (let start = page.indexOf("<"); start >= 0;) {
    const tag = readTag(page, lowerCase, start);
    if (tag === undefined) break;
    for (const { from, to } of linksIn(page, tag)) {
      result += `${page.slice(copied, from)}"${rewriteUrl(unquoted(page.slice(from, to)), rules).replaceAll('"', "&#34;")}"`;
      copied = to;
    }
    start = page.indexOf("<", tag.next);
  }
  return result + page.slice(copied);
}

interface Tag {
  /** In lower case; empty for what is no start tag. */
  readonly name: string;
  /** Where the attributes begin and end. */
  readonly from: number;
  readonly to: number;
  /** Where the next tag may begin. */
  readonly next: number;
}

/** Undefined where nothing that follows can be a tag any more. */
function readTag(page: string, lowerCase: string, start: number): Tag | undefined {
  if (page.startsWith("<!--", start)) return skipTo(page.indexOf("-->", start + 4));
  NAME.lastIndex = start + 1;
  const name = NAME.exec(lowerCase)?.[0];
  if (name === undefined) return skipTo(start);
  const from = start + 1 + name.length;
  const to = endOfTag(page, from);
  if (to < 0) return undefined;
  const next = RAW.includes(name) ? lowerCase.indexOf(`</${name}`, to) : to;
  return { name, from, to, next: next < 0 ? page.length : next };
}

const skipTo = (end: number): Tag | undefined =>
  end < 0 ? undefined : { name: "", from: end, to: end, next: end + 1 };

/** Where the tag's > is, which is not one in quotes. */
function endOfTag(page: string, from: number): number {
  for (let at = from; at < page.length; at += 1) {
    const character = page.charAt(at);
    if (character === ">") return at;
    if (character !== '"' && character !== "'") continue;
    at = page.indexOf(character, at + 1);
    if (at < 0) return -1;
  }
  return -1;
}

const SPACE = /[\s/]*/y;
const ATTRIBUTE_NAME = /[^\s/=>]+/y;
const EQUALS = /\s*=\s*/y;
const VALUE = /"[^"]*"|'[^']*'|[^\s>]+/y;

/** Where the values of the tag's links are, quotes included. */
function linksIn(page: string, { name, from, to }: Tag): { readonly from: number; readonly to: number }[] {
  const wanted = Object.hasOwn(LINKS, name) ? LINKS[name] : undefined;
  const found: { from: number; to: number }[] = [];
  if (!wanted) return found;
  const text = page.slice(from, to);
  let at = 0;
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const [taken = ""] = pattern.exec(text) ?? [];
    at += taken.length;
    return taken;
  };
  while (at < text.length) {
    take(SPACE);
    const attribute = take(ATTRIBUTE_NAME).toLowerCase();
    if (take(EQUALS) === "") {
      if (attribute === "") break;
      continue;
    }
    const start = at;
    take(VALUE);
    if (at > start && wanted.includes(attribute)) found.push({ from: from + start, to: from + at });
  }
  return found;
}

const unquoted = (value: string): string => (/^["']/.test(value) ? value.slice(1, -1) : value);
