import { describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { waitForLedger } from "../process/ledger-rows.ts";
import {
  chat,
  EVENTS,
  endOf,
  errorOfStream,
  expectBroken,
  expectEnvelope,
  expectFailed,
  FULL,
  gateway,
  generate,
  PAYLOADS,
  rowsOf,
  runHonestStreams,
  STREAM,
  type Told,
  upstream,
  WORDS,
} from "./honest-streams.ts";

/**
 * Promise 7, honest streams, once they have begun: never `[DONE]` after an error; never the same content twice.
 */

runHonestStreams();

/** The first event says only who speaks: until the second is there, nothing has been answered. */
const FIRST_ANSWER = 2;
const FINISH = PAYLOADS.length;
const AT_ONCE = 50;

/** So long after the last byte comes the reset: time for the gateway to have read it. */
const RESET_AFTER_MS = 50;

describe("a stream that breaks once it has begun ends with an error", () => {
  for (let events = FIRST_ANSWER; events < FINISH; events++) {
    test(`cut short after ${events} events`, async () => {
      await upstream.scenario("cut", {
        body: STREAM,
        fault: { kind: "truncate", afterEvents: events },
        paceMs: 5,
      });
      const told = await chat("replay/cut", true);
      expectBroken(told, Buffer.concat(EVENTS.slice(0, events)));
      await expectFailed(told);
      expectBrokenGenerate(await generate("replay/cut", true), WORDS.slice(0, events - 1).join(""));
      expect(await errorOfStream("replay/cut")).toBeInstanceOf(OpenAI.APIError);
    });

    test(`the provider's own error after ${events} events`, async () => {
      await upstream.scenario("fails", {
        body: STREAM,
        fault: { kind: "error-mid-stream", afterEvents: events },
        paceMs: 5,
      });
      const told = await chat("replay/fails", true);
      expect(told.status).toBe(200);
      const [first, ...more] = told.body.split(Buffer.concat(EVENTS.slice(0, events)).toString()).slice(1);
      expect(more).toEqual([]);
      expect(JSON.parse(first?.slice("data: ".length) ?? "")).toHaveProperty("error.type", "server_error");
      await expectFailed(told);
      expectBrokenGenerate(await generate("replay/fails", true), WORDS.slice(0, events - 1).join(""));
      expect(await errorOfStream("replay/fails")).toBeInstanceOf(OpenAI.APIError);
    });
  }

  test("an error is the end, whatever the provider says after it", async () => {
    const error = '{"error":{"message":"no","type":"server_error"}}';
    const events = [...PAYLOADS.slice(0, 3), error, ...PAYLOADS.slice(3)];
    for (const split of ["per-event", "two-per-packet"] as const) {
      await upstream.scenario("goes-on", {
        body: { kind: "events", events, terminal: true },
        split,
        // What comes in one read with the error is not told: the gateway still can say that the call failed.
        paceMs: 100,
      });
      const told = await chat("replay/goes-on", true);
      expect(told.body).toBe(`${Buffer.concat(EVENTS.slice(0, 3))}data: ${error}\n\n`);
      const simple = await generate("replay/goes-on", true);
      expectBrokenGenerate(simple, WORDS.slice(0, 2).join(""));
    }
  });

  test("a stream whose last event is only half there", async () => {
    for (let bytes = endOf(FIRST_ANSWER) + 1; bytes < FULL.length; bytes += 7) {
      await upstream.scenario("half", {
        body: { kind: "text", text: cleanCut(bytes), contentType: "text/event-stream" },
        split: { at: [endOf(2)] },
        paceMs: 2,
      });
      const told = await chat("replay/half", true);
      if (bytes >= endOf(FINISH)) {
        expect(told.body).toBe(FULL.subarray(0, endOf(FINISH)).toString());
        continue;
      }
      expectBroken(told, FULL.subarray(0, endOf(wholeEvents(bytes))));
    }
  });

  for (const kind of ["reset-at-byte", "end-early"] as const) {
    test(`${kind}: every byte`, async () => {
      const offsets = Array.from({ length: FULL.length + 1 }, (_, offset) => offset);
      const ending = kind === "end-early" ? { kind } : { kind, afterMs: RESET_AFTER_MS };
      const name = (bytes: number) => `${kind}-${bytes}`;
      await upstream.scenarios(
        Object.fromEntries(
          offsets.map((bytes) => [name(bytes), { body: STREAM, fault: { ...ending, bytes } }]),
        ),
      );
      const rows = new Map<number, Told>();
      await inParallel(offsets, async (bytes) => {
        const told = await chat(`replay/${name(bytes)}`, true);
        rows.set(bytes, told);
        const events = wholeEvents(bytes);
        // An end on the heels of the last bytes may overtake them: then fewer events are delivered, or none.
        const delivered = kind === "end-early" ? deliveredEvents(told) : events;
        expect(delivered).toBeLessThanOrEqual(events);
        if (delivered < FIRST_ANSWER) {
          expect(told.status).toBe(502);
          expectEnvelope(told);
        } else if (delivered < EVENTS.length) expectBroken(told, FULL.subarray(0, endOf(delivered)));
        else expect(told.body).toBe(FULL.toString());
      });
      const ledger = await waitForLedger(gateway, ({ requests }) => {
        const ended = new Set(requests.filter(({ outcome }) => outcome !== null).map(({ id }) => id));
        return [...rows.values()].every(({ requestId }) => ended.has(requestId));
      });
      const outcomes = new Map(ledger.requests.map(({ id, outcome }) => [id, outcome]));
      for (const [bytes, { requestId }] of rows) {
        const outcome = rows.get(bytes)?.body === FULL.toString() ? "ok" : "failed";
        expect({ bytes, outcome: outcomes.get(requestId) }).toEqual({ bytes, outcome });
      }
    }, 30_000);
  }

  test("every byte, for /generate", async () => {
    const offsets = Array.from({ length: FULL.length }, (_, offset) => offset);
    const fault = { kind: "reset-at-byte", afterMs: RESET_AFTER_MS } as const;
    await upstream.scenarios(
      Object.fromEntries(
        offsets.map((bytes) => [`g-${bytes}`, { body: STREAM, fault: { ...fault, bytes } }]),
      ),
    );
    await inParallel(offsets, async (bytes) => {
      const told = await generate(`replay/g-${bytes}`, true);
      const events = wholeEvents(bytes);
      if (events < FIRST_ANSWER) expectEnvelope(told);
      else expectBrokenGenerate(told, WORDS.slice(0, events - 1).join(""));
    });
  }, 30_000);
});

describe("a stream that says that it is complete is complete", () => {
  test("without [DONE]: a finish is enough", async () => {
    await upstream.scenario("no-done", { body: { ...STREAM, terminal: false } });
    const told = await chat("replay/no-done", true);
    expect(told.body).toBe(FULL.subarray(0, endOf(FINISH)).toString());
    expect(await rowsOf(told)).toMatchObject({ request: { outcome: "ok" }, attempts: [{ outcome: "ok" }] });
  });

  test("though its connection is left open or breaks after [DONE]", async () => {
    for (const fault of [
      { kind: "hang-at-byte", bytes: FULL.length },
      { kind: "reset-at-byte", bytes: FULL.length },
    ] as const) {
      for (const split of ["per-event", "whole"] as const) {
        await upstream.clearCalls();
        await upstream.scenario("lingers", { body: STREAM, fault, split });
        for (const told of [await chat("replay/lingers", true), await generate("replay/lingers", true)]) {
          expect(told.body).toMatch(/data: \[DONE\]\n\n$|event: done\n/);
          expect(told.body).not.toContain("error");
          expect(await rowsOf(told)).toMatchObject({
            request: { outcome: "ok" },
            attempts: [{ outcome: "ok" }],
          });
        }
        await upstream.waitForCalls((calls) => calls.every(({ outcome }) => outcome !== "in-flight"));
      }
    }
  }, 20_000);
});

function expectBrokenGenerate({ status, requestId, body }: Told, delivered: string): void {
  expect(status).toBe(200);
  const events = body.split("\n\n").slice(0, -1);
  const deltas = events
    .slice(0, -1)
    .map((event) => JSON.parse(event.replace("event: delta\ndata: ", "")).text);
  expect(deltas.join("")).toBe(delivered);
  const [name, data] = events.at(-1)?.split("\ndata: ") ?? [];
  expect(name).toBe("event: error");
  expect(JSON.parse(data ?? "")).toMatchObject({
    error: { code: expect.any(String), request_id: requestId },
  });
}

/** How many events end within so many bytes. */
function wholeEvents(bytes: number): number {
  return EVENTS.filter((_, index) => endOf(index + 1) <= bytes).length;
}

/** How many of the recording's events a client was given. */
function deliveredEvents({ body }: Told): number {
  return EVENTS.filter((event) => body.includes(event.toString())).length;
}

/** So many bytes of the stream, less what would be half a character. */
function cleanCut(bytes: number): string {
  return new TextDecoder().decode(FULL.subarray(0, bytes), { stream: true });
}

async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
