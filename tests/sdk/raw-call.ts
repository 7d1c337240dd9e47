import type { GatewayProcess } from "../process/gateway-process.ts";
import { type RawClient, rawClient } from "../upstream/raw-client.ts";

/** A chat completion request with a virtual key, as it goes over TCP. */
export function rawRequest(gateway: GatewayProcess, path: string, body: object): string {
  const text = JSON.stringify(body);
  return `${rawHead(gateway, path, [`Content-Length: ${Buffer.byteLength(text)}`])}${text}`;
}

/** The head of a request whose body the test sends as it likes. */
export function rawHead(gateway: GatewayProcess, path: string, headers: readonly string[]): string {
  const lines = [
    `POST ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${gateway.port}`,
    `Authorization: Bearer ${gateway.virtualKey}`,
    "Content-Type: application/json",
    ...headers,
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** Sends a request over a socket of its own; the answer is read as it comes. */
export async function rawCall(gateway: GatewayProcess, path: string, body: object): Promise<RawClient> {
  const client = await rawClient(gateway.port);
  client.write(rawRequest(gateway, path, body));
  return client;
}
