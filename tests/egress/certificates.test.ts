import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import { Egress } from "../../src/egress/egress.ts";
import { prepareEndpoint } from "../../src/egress/endpoint.ts";
import { told } from "./exchanges.ts";
import { answerOf } from "./raw-server.ts";

/** A connection whose certificate does not hold is never written to. */

const folder = mkdtempSync(join(tmpdir(), "gatehouse-egress-"));
const servers: Server[] = [];
const out = new Egress();
/** All that any server was sent, by the name in its certificate. */
const sent = new Map<string, string>();

interface Identity {
  readonly cert: string;
  readonly key: string;
}

function identityFor(name: string, days = 2): Identity {
  const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  const made = Bun.spawnSync(
    ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"].concat(
      ["-keyout", key, "-out", cert, "-days", String(days), "-subj", "/CN=Gatehouse test"],
      ["-addext", `subjectAltName=${name}`],
    ),
  );
  if (!made.success) throw new Error(`openssl failed: ${made.stderr}`);
  return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
}

async function serverWith(name: string, identity: Identity): Promise<number> {
  const server = createServer({ ...identity, ALPNProtocols: ["h2", "http/1.1"] }, (socket) => {
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => {
      sent.set(name, (sent.get(name) ?? "") + bytes.toString());
      if (sent.get(name)?.endsWith("{}") === true) socket.write(answerOf(String(socket.alpnProtocol)));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

let localhost: Identity;
let address: Identity;
let ports: { readonly localhost: number; readonly address: number };

beforeAll(async () => {
  localhost = identityFor("DNS:localhost");
  address = identityFor("IP:127.0.0.1");
  ports = {
    localhost: await serverWith("localhost", localhost),
    address: await serverWith("address", address),
  };
});

afterAll(() => {
  out.close();
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

function call(url: string, ca?: string) {
  const endpoint = prepareEndpoint({ method: "POST", url, headers: {}, ca, reach: "own-network" });
  return told(out.send(endpoint, "{}").answer);
}

describe("a certificate", () => {
  test("of a trusted authority, for the name that is called, holds; HTTP/1.1 is spoken", async () => {
    const url = `https://localhost:${ports.localhost}/`;
    for (let calls = 0; calls < 2; calls++) {
      expect(await call(url, localhost.cert)).toEqual({ status: 200, body: "http/1.1" });
    }
  });

  test("for the address that is called holds", async () => {
    expect(await call(`https://127.0.0.1:${ports.address}/`, address.cert)).toMatchObject({ status: 200 });
  });

  test.each([
    ["that nobody vouches for", "localhost", "localhost", (): string | undefined => undefined],
    ["that another authority made", "localhost", "localhost", () => address.cert],
    ["for a name, where an address is called", "127.0.0.1", "localhost", () => localhost.cert],
    ["for an address, where a name is called", "localhost", "address", () => address.cert],
  ] as const)("%s does not, and nothing is sent", async (_which, host, server, ca) => {
    sent.delete(server);
    expect(await call(`https://${host}:${ports[server]}/`, ca())).toEqual({ fault: "untrusted" });
    expect(sent.get(server)).toBeUndefined();
  });

  test("is asked for anew by who trusts another authority: connections are not shared", async () => {
    const url = `https://localhost:${ports.localhost}/`;
    expect(await call(url, localhost.cert)).toMatchObject({ status: 200 });
    expect(await call(url)).toEqual({ fault: "untrusted" });
  });

  test("whatever the environment says of unverified ones", async () => {
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      expect(await call(`https://localhost:${ports.localhost}/other`)).toEqual({ fault: "untrusted" });
    } finally {
      delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    }
  });
});

test("a server that speaks no TLS is not reached, and sent nothing", async () => {
  const seen: Buffer[] = [];
  const plain = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket, bytes) {
        seen.push(bytes);
        socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
      },
    },
  });
  const answer = await call(`https://localhost:${plain.port}/`, localhost.cert);
  plain.stop(true);
  expect(answer).toMatchObject({ fault: expect.stringMatching(/unreachable|untrusted/) });
  expect(Buffer.concat(seen).toString("latin1")).not.toContain("HTTP/1.1");
});
