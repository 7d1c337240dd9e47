import { z } from "zod";
import { isHost } from "./address.ts";
import { text, wholeNumber } from "./fields.ts";

const host = text({
  description: "Address to listen on. One that other machines can reach needs `trusted_hosts`.",
  mend: "Write an address without port or scheme: 127.0.0.1 for this machine only, 0.0.0.0 for all.",
  rules: [["must be an address or a host name", isHost]],
});

const trustedHost = text({
  description: "Name, or name:port, by which clients call this gateway",
  mend: "Write a name as clients use it, without scheme and path: gateway.example.com or gateway.example.com:8003.",
  rules: [
    ["must not be a wildcard", (name) => !name.includes("*")],
    ["must not have a scheme or a path", (name) => !name.includes("/")],
    ["must be a name or name:port", (name) => TRUSTED_HOST.test(name)],
  ],
});

const TRUSTED_HOST = /^([a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(:\d{1,5})?$/i;

const origin = text({
  description: "Exact origin of pages that may call this gateway, such as https://app.example.com",
  mend: "Write scheme, host and port as the browser sends them: https://app.example.com or http://localhost:5173.",
  rules: [
    ["must be an exact origin: `*` would let every page in", (name) => !name.includes("*")],
    ["must begin with http:// or https://", (name) => /^https?:\/\//i.test(name)],
    ["must be an origin: scheme, host and port in lower case, no path, no slash at the end", isOrigin],
  ],
});

function isOrigin(written: string): boolean {
  return URL.canParse(written) && new URL(written).origin === written;
}

const cors = z
  .strictObject({
    origins: z.array(origin).default([]).describe("Origins whose pages may call this gateway from a browser"),
    credentials: z.boolean().default(false).describe("Whether those pages may send cookies"),
  })
  .describe("Which web pages may call this gateway");

const shutdown = z
  .strictObject({
    unready_ms: wholeNumber(
      0,
      600_000,
      "How long calls are still taken after readiness went false, so that a load balancer can learn of it",
    ).default(0),
    drain_ms: wholeNumber(
      0,
      86_400_000,
      "How long calls in flight may go on after that; those that are left are then ended with an error",
    ).default(25_000),
  })
  .describe("How the gateway ends when it is told to (SIGTERM, SIGINT)");

/** Where and for whom the gateway listens. */
export const serverSection = z
  .strictObject({
    host: host.default("127.0.0.1"),
    port: wholeNumber(0, 65535, "Port to listen on; 0 takes any free one").default(8003),
    trusted_hosts: z
      .array(trustedHost)
      .default([])
      .describe("Host headers that are answered, beside the loopback names. Any port where none is written."),
    cors: cors.prefault({}),
    shutdown: shutdown.prefault({}),
  })
  .describe("Where and for whom the gateway listens");
