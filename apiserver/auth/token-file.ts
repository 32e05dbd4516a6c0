// The static token file of `--token-auth-file`, in Kubernetes' CSV form: token,user,uid,"group1,group2". Tokens are kept
// as hashes only, so that comparing them takes no time that depends on them, and nothing can print them.

import { hash } from "node:crypto";
import type { UserInfo } from "../../lib/http.ts";

/** Users by the hash of their token. */
export type TokenUsers = ReadonlyMap<string, UserInfo>;

export const hashToken = (token: string): string => hash("sha256", token, "base64");

/** Throws an error of one sentence that names the file and the line for what is no token file. */
export function parseTokenFile(text: string, path: string): TokenUsers {
  const users = new Map<string, UserInfo>();
  for (const { line, fields } of parseCsv(text, path)) {
    const fail = (problem: string) => new Error(`${path}, line ${line}: ${problem}.`);
    const [token = "", username = "", uid = "", groups = ""] = fields.map((field) => field.trim());
    if (fields.length < 3)
      throw fail(`a token needs at least 3 columns (token, user name, user uid), found ${fields.length}`);
    if (token === "") throw fail("the token is empty");
    if (username === "") throw fail("the user name is empty");
    const hash = hashToken(token);
    if (users.has(hash)) throw fail("the token has been given to another user above");
    users.set(hash, {
      username,
      ...(uid && { uid }),
      groups: groups
        .split(",")
        .map((each) => each.trim())
        .filter(Boolean),
    });
  }
  return users;
}

interface Row {
  readonly line: number;
  readonly fields: readonly string[];
}

const FIELD = /\s*"((?:[^"]|"")*)"\s*(,|$)|([^",]*)(,|$)/y;

function parseCsv(text: string, path: string): Row[] {
  const lines = text.split(/\r?\n/).map((content, index) => ({ content, line: index + 1 }));
  return lines
    .filter(({ content }) => content.trim() !== "")
    .map(({ content, line }) => {
      const fields = parseRow(content);
      if (!fields) throw new Error(`${path}, line ${line}: the quotes do not match.`);
      return { line, fields };
    });
}

function parseRow(content: string): string[] | undefined {
  const fields: string[] = [];
  FIELD.lastIndex = 0;
  for (;;) {
    const match = FIELD.exec(content);
    if (!match) return undefined;
    fields.push(match[1]?.replaceAll('""', '"') ?? match[3] ?? "");
    if ((match[2] ?? match[4]) === "") return fields;
  }
}
