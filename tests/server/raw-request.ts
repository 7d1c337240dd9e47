import { rawClient } from "../upstream/raw-client.ts";

/** An answer as it came over TCP. `status` is 0 where the connection was closed without one. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** What a raw request is made of: exactly these bytes but for the line ends and, unless given, the last blank line. */
export interface RawRequest {
  readonly method?: string;
  readonly target: string;
  readonly version?: string;
  /** Whole lines; without a Host line among them, `Host: 127.0.0.1:<port>` goes first. Null sends none. */
  readonly headers?: readonly string[];
  readonly host?: string | null;
  readonly body?: string;
}

/** Sends a request that no HTTP client would make, on a connection of its own, and reads to the end. */
export async function rawRequest(port: number, request: RawRequest): Promise<RawAnswer> {
  const { method = "GET", target, version = "1.1", headers = [], body = "" } = request;
  const host = request.host === undefined ? `127.0.0.1:${port}` : request.host;
  const lines = [
    `${method} ${target} HTTP/${version}`,
    ...(host === null ? [] : [`Host: ${host}`]),
    "Connection: close",
    ...(body === "" ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    ...headers,
  ];
  const client = await rawClient(port);
  client.write(`${lines.join("\r\n")}\r\n\r\n${body}`);
  try {
    await client.until(({ ended }) => ended !== undefined);
  } finally {
    client.leave();
  }
  return parsed(client.text());
}

function parsed(text: string): RawAnswer {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [statusLine = "", ...headerLines] = head.split("\r\n");
  const headers = new Headers();
  for (const line of headerLines) {
    const colon = line.indexOf(":");
    headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return {
    status: Number(/^HTTP\/1\.\d (\d{3})/.exec(statusLine)?.[1] ?? 0),
    headers,
    body: rest.join("\r\n\r\n"),
  };
}
