import type { JsonObject } from "../../src/model/json.ts";
import type { GatewayProcess } from "../process/gateway-process.ts";
import { objectsAt, textAt, valueAt } from "../process/json.ts";

/** What an administrator is answered. */
export interface AdminAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** A call to the administration API. */
export type Administer = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<AdminAnswer>;

/** Calls the administration API of a gateway with a key, its first owner's where none is named. */
export function administration(gateway: GatewayProcess, key: string = gateway.adminKey): Administer {
  return async (method, path, body, headers = {}) => {
    const answer = await fetch(gateway.url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get("content-type") === "application/json";
    return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : text };
  };
}

/** Every entry of a list, page by page. */
export async function everyEntry(administer: Administer, path: string, limit = 200): Promise<JsonObject[]> {
  const entries: JsonObject[] = [];
  const first = `${path}${path.includes("?") ? "&" : "?"}limit=${limit}`;
  for (let next = first; ; ) {
    const { status, body } = await administer("GET", next);
    if (status !== 200) throw new Error(`${next}: ${JSON.stringify(body)}`);
    entries.push(...objectsAt(body, "data"));
    if (valueAt(body, "next_cursor") === null) return entries;
    next = `${first}&cursor=${textAt(body, "next_cursor")}`;
  }
}
