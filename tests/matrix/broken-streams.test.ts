import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { EventSplitter } from "../../src/dialects/stream/event-splitter.ts";
import { TranslateRelay } from "../../src/gateway/relay/translate.ts";
import { PLAIN_FORM } from "../../src/model/dialect.ts";
import { GatewayError } from "../../src/model/gateway-error.ts";
import type { Upstream } from "../../src/model/snapshot.ts";
import type { StreamEvent } from "../../src/model/stream-event.ts";
import { receipt } from "../dialects/chat.ts";
import {
  askedBy,
  type ClientDialect,
  clientDialects,
  framed,
  MAX_EVENT_BYTES,
  type ProviderDialect,
  providerDialects,
  readerOfProvider,
  readStream,
} from "./chat-dialects.ts";
import { anyChanges, mutated } from "./mutated.ts";
import { recordedStreams } from "./recorded-answers.ts";

/** However a stream is cut it says the same; whatever is wrong with it, it is translated or ended with a clear error. */

/** Streams longer than this show nothing more, and take long. */
const LARGEST = 30_000;

function streamsOf(provider: ProviderDialect): readonly (readonly string[])[] {
  return recordedStreams
    .filter((one) => one.provider === provider && one.payloads.join("").length < LARGEST)
    .map(({ payloads }) => payloads);
}

/** Sizes of the pieces, taken in turns. */
const anySizes = fc.array(fc.oneof(fc.nat(3), fc.nat(400)), { minLength: 1, maxLength: 30 });

function* cut(bytes: Uint8Array, sizes: readonly number[]): Iterable<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = (sizes[turn % sizes.length] ?? 0) + 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

describe("any splitting of a stream's bytes gives the same events", () => {
  for (const provider of providerDialects) {
    const streams = streamsOf(provider);
    if (streams.length === 0) continue;
    const reader = readerOfProvider(provider);

    test(`of ${provider.id}`, () => {
      fc.assert(
        fc.property(
          fc.constantFrom(...streams),
          fc.constantFrom("\n", "\r\n", "\r"),
          anySizes,
          (payloads, newline, sizes) => {
            const events = readStream(reader, cut(framed(provider, payloads, newline), sizes));
            expect(events).toEqual(readStream(reader, [framed(provider, payloads)]));
          },
        ),
        { numRuns: 30 },
      );
    });
  }
});

/** How a stream's payloads are spoilt: places and what happens there. */
const anyDamage = fc.record({
  changes: fc.array(fc.tuple(fc.nat(1_000), anyChanges), { maxLength: 4 }),
  dropped: fc.array(fc.nat(1_000), { maxLength: 3 }),
  repeated: fc.array(fc.nat(1_000), { maxLength: 2 }),
  cutTexts: fc.array(fc.tuple(fc.nat(1_000), fc.nat(80)), { maxLength: 1 }),
  strangers: fc.array(fc.tuple(fc.nat(1_000), fc.oneof(fc.string({ unit: "binary" }), fc.json())), {
    maxLength: 1,
  }),
  endsAt: fc.option(fc.nat(1_000), { nil: undefined }),
});

type Damage = typeof anyDamage extends fc.Arbitrary<infer T> ? T : never;

function spoilt(payloads: readonly string[], damage: Damage): readonly string[] {
  const at = (place: number): number => place % payloads.length;
  const spoiled = payloads.map((payload): string => payload);
  for (const [place, changes] of damage.changes)
    spoiled[at(place)] =
      JSON.stringify(mutated(JSON.parse(payloads[at(place)] ?? "null"), changes)) ?? "null";
  for (const [place, length] of damage.cutTexts)
    spoiled[at(place)] = (spoiled[at(place)] ?? "").slice(0, length);
  const dropped = new Set(damage.dropped.map(at));
  const repeated = new Set(damage.repeated.map(at));
  const strangers = new Map(
    damage.strangers.map(([place, text]) => [at(place), text.replaceAll(/[\r\n]/g, " ")]),
  );
  const rest = spoiled.flatMap((payload, index) => [
    ...(strangers.has(index) ? [strangers.get(index) ?? ""] : []),
    ...(dropped.has(index) ? [] : [payload]),
    ...(repeated.has(index) ? [payload] : []),
  ]);
  return damage.endsAt === undefined ? rest : rest.slice(0, damage.endsAt);
}

/** Only its name, its key and its table of errors are looked at. */
const upstream = {
  provider: "p",
  credential: "sk-secret-0123456789",
  errorClasses: {},
} as unknown as Upstream;

function relayBetween(provider: ProviderDialect, client: ClientDialect): TranslateRelay {
  const decoder = provider.upstream.openStreamDecoder?.(PLAIN_FORM);
  const encoder = client.inbound.openStreamEncoder?.(askedBy(client, true));
  if (decoder === undefined || encoder === undefined) throw new Error("a chat dialect without streams");
  return new TranslateRelay(provider.openFraming(), decoder, encoder, upstream, 1_000_000);
}

/** A stream is told to its end, or fails for a reason that can be told. */
function expectEnded(provider: ProviderDialect, client: ClientDialect, pieces: Iterable<Uint8Array>): void {
  const relay = relayBetween(provider, client);
  for (const piece of pieces) relay.push(piece);
  relay.end();
  expect(["complete", "failed"]).toContain(relay.state);
  if (relay.state === "complete") {
    expect(relay.facts().finishReason).toBeDefined();
    relay.closing(receipt);
    return;
  }
  expect(relay.failure).toBeInstanceOf(GatewayError);
  expect(relay.failure?.message).not.toBe("");
  if (relay.failure !== undefined) relay.failing(relay.failure, "req_1");
}

function expectOneEnd(events: readonly StreamEvent[]): void {
  const failures = events.filter(({ type }) => type === "error").length;
  expect(failures).toBeLessThanOrEqual(1);
  if (failures === 1) expect(events.at(-1)?.type).toBe("error");
}

describe("a spoilt stream is told to its end or fails clearly", () => {
  for (const provider of providerDialects) {
    const streams = streamsOf(provider);
    if (streams.length === 0) continue;
    const anyClient = fc.constantFrom(...clientDialects);

    test(`of ${provider.id}, to clients of every dialect`, () => {
      fc.assert(
        fc.property(
          fc.constantFrom(...streams),
          anyDamage,
          anySizes,
          anyClient,
          (payloads, damage, sizes, client) => {
            const bytes = framed(provider, spoilt(payloads, damage));
            expectOneEnd(readStream(readerOfProvider(provider), cut(bytes, sizes)));
            expectEnded(provider, client, cut(bytes, sizes));
            scan(provider, bytes);
          },
        ),
        { numRuns: 120 },
      );
    });

    test(`of ${provider.id}, random bytes anywhere`, () => {
      const noise = fc.uint8Array({ maxLength: 30 });
      fc.assert(
        fc.property(
          fc.constantFrom(...streams),
          fc.array(fc.tuple(fc.nat(40_000), noise), { maxLength: 3 }),
          anyClient,
          (payloads, noises, client) => {
            const bytes = noises.reduce<Uint8Array>(
              (whole, [place, some]) => {
                const at = place % (whole.length + 1);
                return Buffer.concat([whole.subarray(0, at), some, whole.subarray(at)]);
              },
              framed(provider, payloads),
            );
            expectEnded(provider, client, [bytes]);
            scan(provider, bytes);
          },
        ),
        { numRuns: 50 },
      );
    });
  }
});

/** The scanner of a passing stream is given the same. */
function scan({ upstream: operation, row }: ProviderDialect, bytes: Uint8Array): void {
  const scanner = operation.openStreamScanner?.();
  if (scanner === undefined || row.frame !== undefined) return;
  const splitter = new EventSplitter(MAX_EVENT_BYTES);
  splitter.push(bytes, (event, start, end) => {
    const kind = scanner.scan(event, start, end);
    if (kind === "error" || kind === "failing") expect(scanner.failure().errorClass).toBeString();
  });
  const { usage } = scanner.facts();
  for (const count of [usage?.inputTokens, usage?.outputTokens, usage?.cachedInputTokens])
    expect(count === undefined || (Number.isSafeInteger(count) && count >= 0)).toBe(true);
  scanner.outputTokensHigh();
}
