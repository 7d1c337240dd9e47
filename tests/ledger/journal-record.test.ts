import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { closeLine, finishLine, openLine, parseLine } from "../../src/ledger/journal-record.ts";
import { LineBuffer } from "../../src/ledger/line-buffer.ts";
import type {
  AttemptClosing,
  AttemptOpening,
  RequestClosing,
  RequestOpening,
} from "../../src/model/attempt.ts";
import { nanoDollars } from "../../src/model/money.ts";
import { NO_USAGE, type Usage } from "../../src/model/usage.ts";
import { attempt, closing, finish, request } from "./samples.ts";

/** Names that clients and providers may choose: quotes, escapes, half characters, anything. */
const anyName = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.constantFrom('"', "\\", "\n", "\ud800", "é"),
);

describe("a line that is put together by hand reads as what was written", () => {
  test("the opening", () => {
    fc.assert(
      fc.property(
        anyName,
        anyName,
        anyName,
        fc.option(anyName, { nil: undefined }),
        (model, project, id, user) => {
          const opened = request(1, {
            project,
            requestedModel: model,
            ...(user === undefined ? {} : { endUser: user }),
          });
          const begun = attempt(1, { attemptId: id, provider: project, model });
          expect(parseLine(openLine(opened, begun).trimEnd())).toEqual({
            kind: "open",
            request: opened,
            attempt: begun,
          });
        },
      ),
    );
  });

  test("an attempt's end", () => {
    const counts = fc.record({ inputTokens: fc.nat(), cachedInputTokens: fc.nat(), outputTokens: fc.nat() });
    fc.assert(
      fc.property(anyName, counts, fc.jsonValue(), fc.nat(), (reason, some, raw, ms) => {
        const usage = { ...NO_USAGE, ...some, source: "reported" as const, raw: { raw } };
        const ended = closing(1, { finishReason: reason, usage, totalMs: ms, cost: nanoDollars(ms) });
        const read = parseLine(closeLine(ended).trimEnd());
        expect(read).toEqual({ kind: "close", closing: JSON.parse(JSON.stringify(ended)) });
      }),
    );
  });

  test("no member is forgotten: these samples have all of them, or they don't compile", () => {
    const usage: Required<Usage> = {
      ...NO_USAGE,
      inputTokens: 9,
      billedTools: { webSearch: 2 },
      cachedInputAudioTokens: 0,
      cachedInputImageTokens: 3,
      inputVideoTokens: 4,
      outputImageTokens: 5,
      outputVideoTokens: 6,
      source: "reported",
      raw: { any: 1 },
    };
    const ended: Required<AttemptClosing> = {
      attemptId: "a",
      outcome: "failed",
      upstreamStatus: 500,
      errorClass: "server",
      errorCode: "upstream_server",
      finishReason: "stop",
      usage,
      cost: nanoDollars(7),
      billed: nanoDollars(8),
      cacheSavings: nanoDollars(6),
      priceBookVersion: "v",
      priceSheet: "s",
      serviceTier: "flex",
      firstTokenMs: 1,
      totalMs: 2,
      answerBytes: 3,
    };
    const opened: Required<RequestOpening> = {
      ...request(1),
      endUser: "u",
      tokenId: "t",
      tags: { team: "search" },
    };
    const begun: Required<AttemptOpening> = { ...attempt(1), markup: "1.2", purpose: "continuation" };
    const finished: Required<RequestClosing> = {
      ...finish(1, { attempts: 1 }),
      errorCode: "x",
      firstTokenMs: 4,
      warnings: ["seed (a): left out"],
      route: "fast",
      arm: "new",
      routing: {
        tried: [{ target: "a/b", credential: "2", tier: 0, reason: "first", score: 0.5 }],
        passedOver: [{ target: "c/d", because: 'it has "no" price' }],
        stopped: "attempts",
      },
      replayOf: "req_1",
    };
    expect(parseLine(closeLine(ended).trimEnd())).toEqual({ kind: "close", closing: ended });
    expect(parseLine(openLine(opened, begun).trimEnd())).toEqual({
      kind: "open",
      request: opened,
      attempt: begun,
    });
    expect(parseLine(finishLine(opened, finished).trimEnd())).toEqual({ kind: "finish", closing: finished });
  });

  test("a request's end, which says who asked only where no attempt has said so", () => {
    expect(parseLine(finishLine(request(1), finish(1, { attempts: 2 })).trimEnd())).toEqual({
      kind: "finish",
      closing: finish(1, { attempts: 2 }),
    });
    const refused = finish(1, { attempts: 0, outcome: "failed", errorCode: "unknown_model" });
    expect(parseLine(finishLine(request(1), refused).trimEnd())).toEqual({
      kind: "finish",
      request: request(1),
      closing: refused,
    });
  });

  test("durations in whole milliseconds; what is no number as null", () => {
    const line = closeLine(closing(1, { totalMs: 12.6, firstTokenMs: Number.NaN }));
    expect(line).toContain('"totalMs":13,');
    expect(line).toContain('"firstTokenMs":null,');
  });
});

test("lines come out of the buffer as they went in, however many and long they are", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary", maxLength: 30_000 }), { maxLength: 12 }), (lines) => {
      const first = new LineBuffer();
      const second = new LineBuffer();
      for (const line of lines) (line.length % 2 === 0 ? first : second).add(line);
      const even = lines.filter((line) => line.length % 2 === 0).join("");
      const odd = lines.filter((line) => line.length % 2 === 1).join("");
      first.addAll(second);
      expect(Buffer.from(first.bytes()).equals(Buffer.concat([Buffer.from(even), Buffer.from(odd)]))).toBe(
        true,
      );
      first.clear();
      expect(first.length).toBe(0);
    }),
    { numRuns: 50 },
  );
});
