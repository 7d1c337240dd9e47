import { describe, expect, test } from "bun:test";
import { dialects } from "../../src/dialects/index.ts";
import { wholeBody } from "../../src/egress/request-writer.ts";
import type { IncomingCall } from "../../src/gateway/incoming-call.ts";
import { joinDialects } from "../../src/gateway/junction.ts";
import { type Outgoing, outgoing } from "../../src/gateway/outgoing.ts";
import type { InboundFace } from "../../src/model/dialect.ts";
import type { DialectId } from "../../src/model/dialect-id.ts";
import type { RequestAdaptation } from "../../src/model/request-adaptation.ts";
import type { Target } from "../../src/model/snapshot.ts";
import { bytesOf } from "../dialects/chat.ts";

/** What an endpoint needs beyond its dialect, done alike to a client's own bytes and to a translated request. */

const ADAPTATION: RequestAdaptation = {
  removeMembers: ["model"],
  setMembers: { version: "v-1" },
  removeHeaders: ["x-version"],
  withoutQuery: true,
};

function sent(dialect: DialectId, text: string, adaptation?: RequestAdaptation): Outgoing {
  const face = dialects.get(dialect)?.inbound;
  if (face === undefined) throw new Error(`${dialect} is not spoken inbound`);
  const inbound: InboundFace = {
    ...face,
    forwardedHeaders: ["x-version", "x-kept"],
    forwardedQuery: ["beta"],
  };
  const decoded = inbound.operations.chat?.decodeRequest({
    bytes: bytesOf(text),
    pathRest: "",
    query: () => new URLSearchParams(),
  });
  if (decoded === undefined) throw new Error("no chat");
  const incoming: IncomingCall = {
    requestId: "req_1",
    receivedAtMs: 0,
    headers: new Headers({ "x-version": "2023", "x-kept": "yes", "x-other": "no" }),
    dialect,
    inbound,
    operation: "chat",
    pathRest: "",
    query: () => new URLSearchParams("beta=true&other=1"),
    readBody: () => Promise.reject(new Error("read already")),
    clientSignal: () => new AbortController().signal,
  };
  const target: Target = {
    upstream: {
      provider: "p",
      endpoints: [],
      origin: "https://p.test",
      headers: {},
      timeouts: { connectMs: 1, firstByteMs: 1, betweenBytesMs: 1, totalMs: 1 },
      quirks: [],
      errorClasses: {},
    },
    model: "m-1",
    name: "p/m-1",
    endpoints: {
      chat: [
        {
          dialect: "openai-chat",
          url: "https://p.test/m-1:predict?api=1",
          streamUrl: "https://p.test/m-1:streamPredict",
          ...(adaptation && { adaptation }),
        },
      ],
    },
    quirks: {},
  };
  const call = { incoming, request: decoded, translation: "warn", outputBound: undefined } as const;
  return outgoing(call, target, joinDialects(incoming, decoded, target, dialects));
}

const textOf = ({ body }: Outgoing): string => new TextDecoder().decode(wholeBody(body));

const CLIENTS =
  '{ "model" : "p/m-1", "version": "mine", "messages":[{"role":"user","content":"é"}], "x": 1.0 }';

describe("a client's own bytes", () => {
  test("go on but for what the endpoint needs", () => {
    const adapted = sent("openai-chat", CLIENTS, ADAPTATION);
    expect(textOf(adapted)).toBe('{ "messages":[{"role":"user","content":"é"}], "x": 1.0,"version":"v-1" }');
    expect(adapted.headers).toEqual({ "x-kept": "yes" });
    expect(adapted.url).toBe("https://p.test/m-1:predict?api=1");
  });

  test("are untouched where it needs nothing, and a query of the address stands before the client's", () => {
    const asIs = sent("openai-chat", CLIENTS);
    expect(textOf(asIs)).toBe(CLIENTS.replace('"p/m-1"', '"m-1"'));
    expect(asIs.headers).toEqual({ "x-version": "2023", "x-kept": "yes" });
    expect(asIs.url).toBe("https://p.test/m-1:predict?api=1&beta=true");
  });
});

test("a translated request is adapted in the same way", () => {
  const adapted = sent("generate", '{"prompt":"hi","model":"p/m-1","stream":true}', ADAPTATION);
  expect(JSON.parse(textOf(adapted))).toEqual({
    messages: [{ role: "user", content: "hi" }],
    stream: true,
    stream_options: { include_usage: true },
    version: "v-1",
  });
  expect(adapted.url).toBe("https://p.test/m-1:streamPredict");
});
