import { describe, expect, test } from "bun:test";
import { openStreamScanner } from "../../src/dialects/openai-responses/usage-scanner.ts";
import { PassthroughRelay } from "../../src/gateway/relay/passthrough.ts";
import type { Upstream } from "../../src/model/snapshot.ts";

/** Only its name, its key and its table of errors are looked at. */
const upstream = {
  provider: "p",
  credential: "sk-secret-0123456789",
  errorClasses: {},
} as unknown as Upstream;
const event = (type: string, rest: object): Uint8Array =>
  new TextEncoder().encode(`event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`);
const DELTA = event("response.output_text.delta", { delta: "a" });
const ERROR = event("error", { error: { code: "insufficient_quota", message: "No more." } });
const FAILED = event("response.failed", {
  response: { error: { code: "server_error", message: "No more." } },
});
const COMPLETED = event("response.completed", { response: { status: "completed" } });

describe("a failure that the provider says twice", () => {
  test("both are passed on, and nothing after", () => {
    const relay = new PassthroughRelay(openStreamScanner(), upstream);
    expect(relay.push(DELTA)).toEqual(DELTA);
    expect(relay.push(ERROR)).toEqual(ERROR);
    expect(relay.state).toBe("begun");
    expect(relay.push(FAILED)).toEqual(FAILED);
    expect(relay).toMatchObject({
      state: "failed",
      failureWasRelayed: true,
      failure: { code: "upstream_quota" },
    });
    expect(relay.push(DELTA)).toBeUndefined();
  });

  test("once, and then the end, it is told already", () => {
    const relay = new PassthroughRelay(openStreamScanner(), upstream);
    relay.push(DELTA);
    relay.push(ERROR);
    expect(relay.end()).toBeUndefined();
    expect(relay).toMatchObject({
      state: "failed",
      failureWasRelayed: true,
      failure: { code: "upstream_quota" },
    });
  });

  test("and then that all is well: the success is not passed on", () => {
    const relay = new PassthroughRelay(openStreamScanner(), upstream);
    relay.push(DELTA);
    relay.push(ERROR);
    expect(relay.push(COMPLETED)).toBeUndefined();
    expect(relay).toMatchObject({ state: "failed", failure: { code: "upstream_quota" } });
  });

  test("quoting the gateway's key: neither is", () => {
    const relay = new PassthroughRelay(openStreamScanner(), upstream);
    relay.push(DELTA);
    expect(
      relay.push(event("error", { error: { message: "bad key sk-secret-0123456789" } })),
    ).toBeUndefined();
    expect(relay).toMatchObject({ state: "failed", failureWasRelayed: false });
    expect(relay.failure?.message).not.toContain("sk-secret");
  });
});
