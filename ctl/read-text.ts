// Answers that are text rather than JSON: /healthz, /metrics, and whatever `get --raw` asks for.

import { readAnswer } from "../client/response-body.ts";
import type { HttpResponse } from "../lib/http.ts";

/** The body as text. Rejects with the StatusError that a failed answer stands for. */
export async function readText(response: HttpResponse): Promise<string> {
  if (response.status < 200 || response.status >= 300) await readAnswer(response);
  const { body } = response;
  switch (body.kind) {
    case "object":
      return Buffer.concat([...body.chunks()]).toString();
    case "bytes":
      return Buffer.from(body.bytes).toString();
    case "stream": {
      const chunks: Uint8Array[] = [];
      for await (const chunk of body.chunks) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    }
    case "empty":
    case "events":
    case "upgrade":
      return "";
  }
}
