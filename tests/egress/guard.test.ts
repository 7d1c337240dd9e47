import { afterAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Dial } from "../../src/egress/dial.ts";
import { Egress } from "../../src/egress/egress.ts";
import { prepareEndpoint } from "../../src/egress/endpoint.ts";
import { EgressFailure } from "../../src/egress/failure.ts";
import { type AddressKind, addressKind } from "../../src/egress/guard/address-kind.ts";
import { addressFault, foreignReach, mayConnect, writtenReach } from "../../src/egress/guard/guard.ts";
import type { Reach } from "../../src/model/reach.ts";
import { answerOf, type RawServer, startRawServer } from "./raw-server.ts";

const REACHES: readonly Reach[] = ["public", "own-network", "anywhere"];
const NONE: ReadonlySet<string> = new Set();

/** The ranges once more, in another notation and judged by other arithmetic. */
const IPV4: readonly (readonly [first: string, last: string, kind: AddressKind])[] = [
  ["0.0.0.0", "0.255.255.255", "reserved"],
  ["10.0.0.0", "10.255.255.255", "private"],
  ["100.64.0.0", "100.100.100.199", "private"],
  ["100.100.100.200", "100.100.100.200", "metadata"],
  ["100.100.100.201", "100.127.255.255", "private"],
  ["127.0.0.0", "127.255.255.255", "loopback"],
  ["168.63.129.16", "168.63.129.16", "metadata"],
  ["169.254.0.0", "169.254.169.253", "link-local"],
  ["169.254.169.254", "169.254.169.254", "metadata"],
  ["169.254.170.2", "169.254.170.2", "metadata"],
  ["169.254.171.0", "169.254.255.255", "link-local"],
  ["172.16.0.0", "172.31.255.255", "private"],
  ["192.0.0.0", "192.0.0.191", "reserved"],
  ["192.0.0.192", "192.0.0.192", "metadata"],
  ["192.0.2.0", "192.0.2.255", "reserved"],
  ["192.88.99.0", "192.88.99.255", "reserved"],
  ["192.168.0.0", "192.168.255.255", "private"],
  ["198.18.0.0", "198.19.255.255", "reserved"],
  ["198.51.100.0", "198.51.100.255", "reserved"],
  ["203.0.113.0", "203.0.113.255", "reserved"],
  ["224.0.0.0", "255.255.255.255", "reserved"],
];

const number = (dotted: string): number =>
  dotted.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
const dotted = (address: number): string =>
  [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");

/** An address of a range that is not public, its ends more often than the rest. */
const inner = fc
  .constantFrom(...IPV4)
  .chain(([first, last, kind]) =>
    fc
      .oneof(
        fc.constantFrom(number(first), number(last)),
        fc.integer({ min: number(first), max: number(last) }),
      )
      .map((address) => ({ address, kind })),
  );

const outer = fc
  .integer({ min: 0, max: 2 ** 32 - 1 })
  .filter((address) => !IPV4.some(([first, last]) => address >= number(first) && address <= number(last)))
  .filter((address) => !dotted(address).startsWith("169.254.170."));

/** Every way to write an IPv4 address that some reader of addresses has ever understood. */
const SPELLINGS: readonly ((address: number) => string)[] = [
  dotted,
  (address) => `${dotted(address)}.`,
  String,
  (address) => `0x${address.toString(16)}`,
  (address) => `0X${address.toString(16).toUpperCase()}`,
  (address) => `0${address.toString(8)}`,
  (address) =>
    dotted(address)
      .split(".")
      .map((part) => `0x${Number(part).toString(16)}`)
      .join("."),
  (address) =>
    dotted(address)
      .split(".")
      .map((part) => `000${Number(part).toString(8)}`)
      .join("."),
  (address) => `${address >>> 24}.${address & 0xffffff}`,
  (address) => `${address >>> 24}.${(address >>> 16) & 255}.${address & 0xffff}`,
  (address) => dotted(address).replaceAll(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit))),
  (address) => dotted(address).replaceAll(".", "\u3002"),
  (address) => dotted(address).replaceAll(/\d/g, (digit) => `%3${digit}`),
  (address) => `[::ffff:${dotted(address)}]`,
  (address) => `[0:0:0:0:0:FFFF:${hex(address)}]`,
  (address) => `[64:ff9b::${hex(address)}]`,
  (address) => `[64:ff9b:0:0:0:0:${dotted(address)}]`,
  (address) => `[2002:${hex(address)}::1]`,
];

function hex(address: number): string {
  return `${(address >>> 16).toString(16)}:${(address & 0xffff).toString(16)}`;
}

/** Of addresses within IPv6 that can't be had in public at all. */
const NEVER_PUBLIC = [
  "::",
  "::1",
  "::127.0.0.1",
  "::ffff:0:127.0.0.1",
  "64:ff9b:1::10.0.0.1",
  "100::1",
  "2001::1",
  "2001:db8::1",
  "3fff::1",
  "5f00::1",
  "fc00::1",
  "fd12:3456::1",
  "fd00:ec2::254",
  "fd20:ce::254",
  "fe80::1",
  "fe80::1%eth0",
  "fec0::1",
  "ff02::1",
  "4000::1",
];

describe("an address", () => {
  test("of a range that is not public is none, however it is written", () => {
    fc.assert(
      fc.property(inner, fc.constantFrom(...SPELLINGS), ({ address, kind }, spell) => {
        const url = `http://${spell(address)}:8000/v1`;
        const { origin } = prepareEndpoint({ method: "POST", url, headers: {} });
        const found = addressKind(origin.hostname);
        expect([url, found]).toEqual([url, kind]);
        expect(addressFault(url, "public")).toBeDefined();
        expect(mayConnect(origin.hostname, { reach: "public" })).toBe(false);
        const isOwn = kind === "private" || kind === "loopback";
        expect(mayConnect(origin.hostname, { reach: "own-network" })).toBe(isOwn);
        expect(writtenReach(url, NONE)).toBe(isOwn ? "own-network" : "public");
        expect(addressFault(url, writtenReach(url, NONE)) === undefined).toBe(isOwn);
        expect(addressFault(url, foreignReach(url, NONE))).toBeDefined();
      }),
      { numRuns: 2000 },
    );
  });

  test("of the public internet is taken, however it is written", () => {
    fc.assert(
      fc.property(outer, fc.constantFrom(...SPELLINGS), (address, spell) => {
        const url = `https://${spell(address)}/v1`;
        expect([url, addressFault(url, "public")]).toEqual([url, undefined]);
        for (const reach of REACHES)
          expect(mayConnect(new URL(url).hostname.replace(/^\[|\]$/g, ""), { reach })).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test.each(NEVER_PUBLIC)("%s is not public", (address) => {
    expect(addressKind(address)).not.toBe("public");
    expect(mayConnect(address, { reach: "public" })).toBe(false);
  });

  test.each(["2606:4700::1111", "2a00:1450:4001::1", "64:ff9b::8.8.8.8", "::ffff:1.1.1.1"])(
    "%s is public",
    (address) => {
      expect(addressKind(address)).toBe("public");
    },
  );

  test.each(["", "example.com", "127.1", "1.2.3.4.5", "::1::", "300.1.1.1", "localhost"])(
    "%p is none, and nothing connects to it",
    (text) => {
      expect(addressKind(text)).toBeUndefined();
      for (const reach of REACHES) expect(mayConnect(text, { reach })).toBe(false);
    },
  );

  test.each([
    "ftp://x.example/",
    "file:///etc/passwd",
    "data:,x",
    "http://user@x.example/",
    "//x.example",
    "http://",
    "",
    "gopher://1.1.1.1",
  ])("%p is not called at all", (url) => {
    for (const reach of REACHES) expect(addressFault(url, reach)).toBeDefined();
  });
});

describe("a name", () => {
  test.each([
    "ollama",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "a.localhost",
    "gpu.internal",
    "nas.lan",
    "x.home.arpa",
    "printer.local",
    "llm.corp",
  ])("%s is of its writer's own network, and nobody else's", (name) => {
    expect(writtenReach(`http://${name}:8000/v1`, NONE)).toBe("own-network");
    expect(foreignReach(`http://${name}:8000/v1`, NONE)).toBe("public");
    expect(addressFault(`http://${name}:8000/v1`, "public")).toBeDefined();
  });

  test.each([
    "api.openai.com",
    "localhost.example.com",
    "internal.example.com",
    "127.0.0.1.nip.io",
    "metadata.google.com",
    "local.host",
  ])("%s must lead into public, whoever wrote it", (name) => {
    expect(writtenReach(`https://${name}/v1`, NONE)).toBe("public");
    expect(addressFault(`https://${name}/v1`, "public")).toBeUndefined();
  });

  test("is allowed by its exact origin alone", () => {
    const allowed = new Set(["https://llm.example.com", "http://169.254.169.254"]);
    expect(writtenReach("https://llm.example.com/v1", allowed)).toBe("anywhere");
    expect(foreignReach("https://llm.example.com/v1", allowed)).toBe("anywhere");
    expect(
      addressFault("http://169.254.169.254/latest", writtenReach("http://169.254.169.254/latest", allowed)),
    ).toBeUndefined();
    for (const other of [
      "http://llm.example.com/v1",
      "https://llm.example.com:8443/v1",
      "https://x.llm.example.com/v1",
      "https://llm.example.com./v1",
    ])
      expect([other, writtenReach(other, allowed)]).toEqual([other, "public"]);
    expect(
      addressFault("http://169.254.169.254:8080/", writtenReach("http://169.254.169.254:8080/", allowed)),
    ).toBeDefined();
  });
});

describe("a connection", () => {
  const opened: { stop(): unknown }[] = [];
  afterAll(async () => {
    for (const one of opened) await one.stop();
  });

  async function answering(): Promise<RawServer> {
    const server = await startRawServer((connection) => connection.socket.write(answerOf("here")));
    opened.push(server);
    return server;
  }

  function out(): Egress {
    const egress = new Egress();
    opened.push({ stop: () => egress.close() });
    return egress;
  }

  const failureOf = async (answer: Promise<unknown>): Promise<unknown> =>
    answer.then(
      () => "answered",
      (thrown: unknown) => (thrown instanceof EgressFailure ? thrown.code : thrown),
    );

  test("to this machine is refused unless the endpoint's reach takes it in", async () => {
    const { port, connections } = await answering();
    const egress = out();
    for (const host of ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"]) {
      const url = `http://${host}:${port}/`;
      const endpoint = prepareEndpoint({ method: "POST", url, headers: {} });
      expect([host, await failureOf(egress.send(endpoint, "{}").answer)]).toEqual([
        host,
        "ADDRESS_NOT_ALLOWED",
      ]);
    }
    expect(connections.length).toBe(0);
    const url = `http://127.0.0.1:${port}/`;
    for (const reach of ["own-network", "anywhere"] as const) {
      const endpoint = prepareEndpoint({ method: "POST", url, headers: {}, reach });
      expect(await failureOf(egress.send(endpoint, "{}").answer)).toBe("answered");
    }
    // A connection that was allowed to one is kept from the other.
    const narrow = prepareEndpoint({ method: "POST", url, headers: {} });
    expect(await failureOf(egress.send(narrow, "{}").answer)).toBe("ADDRESS_NOT_ALLOWED");
  });

  test("of a public name goes to none of its addresses that is not public, at whichever connection it says so", async () => {
    const { port, connections } = await answering();
    const { origin } = prepareEndpoint({
      method: "POST",
      url: `http://rebinding.example:${port}/`,
      headers: {},
    });
    const told = ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.0"];
    const failure = await new Promise((resolve) => {
      new Dial({
        origin,
        resolver: { addressesOf: async () => told },
        mayConnect,
        owner: { closed: () => {} },
        connected: () => resolve("connected"),
        failed: resolve,
      });
    });
    expect(failure).toMatchObject({ fault: "unreachable", code: "ADDRESS_NOT_ALLOWED" });
    expect(connections.length).toBe(0);
  });

  test("through a proxy: the proxy may be of the own network, but no metadata service, and the target is judged too", async () => {
    const { port } = await answering();
    const egress = out();
    const send = (url: string, proxy: string) =>
      failureOf(egress.send(prepareEndpoint({ method: "POST", url, headers: {}, proxy }), "{}").answer);
    expect(await send("http://provider.example/", `http://127.0.0.1:${port}`)).toBe("answered");
    expect(await send("http://provider.example/", `http://localhost:${port}`)).toBe("answered");
    expect(await send("http://provider.example/", "http://169.254.169.254:80")).toBe("ADDRESS_NOT_ALLOWED");
    expect(await send("http://169.254.169.254/", `http://127.0.0.1:${port}`)).toBe("ADDRESS_NOT_ALLOWED");
    expect(await send("http://10.0.0.1/", `http://127.0.0.1:${port}`)).toBe("ADDRESS_NOT_ALLOWED");
  });
});
