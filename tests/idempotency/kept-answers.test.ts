import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FollowedAnswer } from "../../src/gateway/idempotency/followed-answer.ts";
import { nonEmptyText } from "../../src/model/caller.ts";
import { GatewayError } from "../../src/model/gateway-error.ts";
import { AnswerSeal } from "../../src/policy/idempotency/answer-seal.ts";
import { KeptAnswers } from "../../src/policy/idempotency/kept-answers.ts";
import { AnswerDatabase } from "../../src/storage/answer-database.ts";

/** How answers are kept, with a clock and bounds of the test's own. */

const HOUR_MS = 3_600_000;
const START_MS = 1_800_000_000_000;
const STORE_BYTES = 10_000;
const ANSWER_BYTES = 4_000;

const caller = { project: nonEmptyText("p"), keyId: nonEmptyText("k"), keyName: "k", policies: [] };

let folder: string;
let answers: KeptAnswers;

/** Under a master key, and the one before it where that is known. */
function open(masterByte = 1, previous?: number): KeptAnswers {
  const key = (byte: number) => Buffer.alloc(32, byte);
  const seal =
    previous === undefined
      ? new AnswerSeal(
          () => [key(masterByte)],
          () => [key(2)],
        )
      : new AnswerSeal(
          () => [key(masterByte), key(previous)],
          () => [key(3), key(2)],
        );
  return new KeptAnswers(new AnswerDatabase(folder, STORE_BYTES), seal, ANSWER_BYTES);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gatehouse-answers-"));
  answers = open();
});
afterEach(() => {
  answers.close();
  rmSync(folder, { recursive: true, force: true });
});

function claim(key: string, atMs = START_MS, request = "body") {
  return answers.claim({ caller, idempotencyKey: key, requestId: `req_${key}`, request: [request] }, atMs);
}

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (thrown) {
    return thrown instanceof GatewayError ? thrown.code : String(thrown);
  }
}

function keep(key: string, bytes: number, atMs = START_MS): void {
  const claimed = claim(key, atMs);
  if (claimed.kind !== "claimed") throw new Error("was answered");
  const head = { kind: "reply", requestId: `req_${key}`, status: 200, headers: {} } as const;
  answers.keep(claimed.id, { head, body: new Uint8Array(bytes).fill(7) });
}

describe("an answer", () => {
  test("stands for 24 hours", () => {
    keep("a", 10);
    expect(claim("a", START_MS + 24 * HOUR_MS - 1)).toMatchObject({ kind: "answered" });
    expect(claim("a", START_MS + 24 * HOUR_MS)).toMatchObject({ kind: "claimed" });
  });

  test("is one of so many bytes: beyond them the oldest are dropped, and what they were claimed for stays claimed", () => {
    for (const [index, key] of ["a", "b", "c"].entries()) keep(key, 3_500, START_MS + index);
    expect(codeOf(() => claim("a"))).toBe("idempotency_answer_lost");
    expect([claim("b").kind, claim("c").kind]).toEqual(["answered", "answered"]);
    keep("d", ANSWER_BYTES);
    expect(codeOf(() => claim("d"))).toBe("idempotency_answer_lost");
  });

  test("is not read under another master key, and is told as lost", () => {
    keep("a", 10);
    answers.close();
    answers = open(9);
    expect(codeOf(() => claim("a"))).toBe("idempotency_answer_lost");
  });

  test("stands under the master key before too, while that is known", () => {
    keep("a", 10);
    claim("b");
    answers.close();
    answers = open(9, 1);
    expect(claim("a").kind).toBe("answered");
    expect(codeOf(() => claim("a", START_MS, "other"))).toBe("idempotency_key_reused");
    expect(codeOf(() => claim("b"))).toBe("idempotency_answer_lost");
    expect(claim("a", START_MS + 25 * HOUR_MS).kind).toBe("claimed");
  });

  test("of a claim that nobody ended is told as lost by the next process, and in progress by this one", () => {
    claim("a");
    expect(codeOf(() => claim("a"))).toBe("idempotency_in_progress");
    expect(codeOf(() => claim("a", START_MS, "other"))).toBe("idempotency_key_reused");
    answers.close();
    answers = open();
    expect(codeOf(() => claim("a"))).toBe("idempotency_answer_lost");
  });

  test("where claims can't be written: refused, since the call could be made twice", () => {
    answers.close();
    expect(codeOf(() => claim("a"))).toBe("store_unavailable");
    answers = open();
  });
});

describe("a stream that is kept", () => {
  const part = (bytes: number) => new Uint8Array(bytes).fill(1);

  function follow() {
    const events = { kept: undefined as number | undefined, isEnded: false, isUnneeded: false };
    const followed = new FollowedAnswer(answers, {
      ended: (bytes) => {
        events.isEnded = true;
        events.kept = bytes?.byteLength;
      },
      unneeded: () => {
        events.isUnneeded = true;
      },
    });
    return { events, followed, reader: followed.body.getReader() };
  }

  test("is whole, however its client reads", async () => {
    const { events, followed, reader } = follow();
    for (let number = 0; number < 3; number++) expect(followed.write(part(1_000))).toBeUndefined();
    expect((await reader.read()).value?.byteLength).toBe(1_000);
    followed.end();
    expect(events).toEqual({ kept: 3_000, isEnded: true, isUnneeded: false });
    let rest = 0;
    for (let read = await reader.read(); !read.done; read = await reader.read())
      rest += read.value.byteLength;
    expect(rest).toBe(2_000);
  });

  test("goes on without its client as long as it is kept, and no longer", async () => {
    const { events, followed, reader } = follow();
    followed.write(part(1_000));
    await reader.cancel();
    followed.write(part(1_000));
    expect(events.isUnneeded).toBe(false);
    followed.write(part(3_000));
    expect(events.isUnneeded).toBe(true);
  });

  test("beyond its bound waits for its client, who gets all of it", async () => {
    const { events, followed, reader } = follow();
    const megabyte = 1024 * 1024;
    expect(followed.write(part(3_000))).toBeUndefined();
    expect(followed.write(part(megabyte))).toBeInstanceOf(Promise);
    const waited = followed.write(part(10));
    let total = 0;
    while (total < 3_000 + megabyte + 10) total += (await reader.read()).value?.byteLength ?? 0;
    const next = reader.read();
    await waited;
    followed.end();
    expect((await next).done).toBe(true);
    expect(events).toEqual({ kept: undefined, isEnded: true, isUnneeded: false });
  });

  test("gives its room back", async () => {
    for (let round = 0; round < 200; round++) {
      const { followed, reader } = follow();
      followed.write(part(2_000));
      if (round % 2 === 0) followed.write(part(3_000));
      followed.end();
      if (round % 3 === 0) await reader.cancel();
      else while (!(await reader.read()).done);
    }
    expect(answers.hold(128 * 1024 * 1024)).toBe(true);
  });
});
