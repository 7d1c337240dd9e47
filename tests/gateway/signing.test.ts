import { describe, expect, test } from "bun:test";
import { Egress } from "../../src/egress/egress.ts";
import { CallGuard } from "../../src/gateway/call-guard.ts";
import { NO_HEADERS, type Outgoing } from "../../src/gateway/outgoing.ts";
import { send } from "../../src/gateway/send.ts";
import { Ticker } from "../../src/gateway/ticker.ts";
import { PLAIN_FORM } from "../../src/model/dialect.ts";
import { GatewayError } from "../../src/model/gateway-error.ts";
import type { RequestSigner, Upstream } from "../../src/model/snapshot.ts";

const TIMEOUTS = { connectMs: 1000, firstByteMs: 1000, betweenBytesMs: 1000, totalMs: 1000 };

function upstreamWith(signer: RequestSigner): Upstream {
  return {
    provider: "p",
    endpoints: [],
    origin: "http://p.test",
    headers: { "content-type": "application/json" },
    signer,
    timeouts: TIMEOUTS,
    quirks: [],
    errorClasses: {},
    // Nothing leaves this process.
    local: async (body) => new Response(body),
  };
}

const outgoing: Outgoing = {
  url: "http://p.test/m",
  headers: NO_HEADERS,
  body: "{}",
  form: PLAIN_FORM,
  losses: [],
};

function call(signer: RequestSigner) {
  const guard = new CallGuard(new Ticker(), { clientSignal: () => new AbortController().signal });
  const upstream = upstreamWith(signer);
  const timeouts = { connectMs: 1000, firstByteMs: 1000, betweenBytesMs: 1000, totalMs: 1000 };
  const answer = send(upstream, outgoing, guard.openAttempt(upstream, timeouts), new Egress());
  return { guard, answer: answer.catch((thrown: unknown) => thrown) };
}

describe("a request that must be signed", () => {
  test("is given up where its call is, however long the proof takes, and so is whoever else waits", async () => {
    const { guard, answer } = call({ sign: () => new Promise(() => {}) });
    const told: GatewayError[] = [];
    guard.whenFailed((failure) => told.push(failure));
    const left = new GatewayError("client_closed");
    guard.fail(left);
    expect(await answer).toBe(left);
    expect(told).toEqual([left]);
  });

  test("is not sent where no proof can be had", async () => {
    const refused = new GatewayError("upstream_authentication", { errorClass: "auth" });
    const { answer } = call({ sign: () => Promise.reject(refused) });
    expect(await answer).toBe(refused);
  });

  test("is signed with its whole body and the provider's headers", async () => {
    const seen: unknown[] = [];
    const { answer } = call({
      sign: async (request) => {
        seen.push(request);
        return { authorization: "proof" };
      },
    });
    expect(await answer).toMatchObject({ status: 200 });
    expect(seen).toEqual([
      {
        method: "POST",
        url: "http://p.test/m",
        headers: { "content-type": "application/json" },
        body: new TextEncoder().encode("{}"),
      },
    ]);
  });
});
