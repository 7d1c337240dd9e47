import { Database } from "bun:sqlite";
import { afterEach, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { JournalProgress } from "../../src/ledger/journal-progress.ts";
import { closeLine, finishLine, openLine } from "../../src/ledger/journal-record.ts";
import { journalFolder, segmentPath } from "../../src/ledger/journal-segments.ts";
import { StoreWriter } from "../../src/ledger/writer.ts";
import { nanoDollars } from "../../src/model/money.ts";
import { openSqlite, storePath } from "../../src/storage/open-sqlite.ts";
import { attempt, closing, finish, request } from "./samples.ts";
import { removeTemporaryFolders, temporaryFolder } from "./temporary-folder.ts";

afterEach(removeTemporaryFolders);

class Fixture {
  readonly progress = new JournalProgress();
  readonly journal: string;
  readonly path: string;
  writer: StoreWriter;

  constructor(readonly folder: string) {
    this.journal = journalFolder(folder);
    this.path = storePath(folder);
    mkdirSync(this.journal, { recursive: true });
    this.writer = this.startWriter();
  }

  /** As after a kill: what was in memory is gone. */
  startWriter(chunkBytes?: number): StoreWriter {
    this.writer?.close();
    this.writer = new StoreWriter({
      storePath: this.path,
      journalFolder: this.journal,
      progress: this.progress,
      ...(chunkBytes === undefined ? {} : { chunkBytes }),
    });
    return this.writer;
  }

  append(segment: number, ...lines: string[]): void {
    appendFileSync(segmentPath(this.journal, segment), lines.join(""));
    this.progress.written = { segment, offset: statSync(segmentPath(this.journal, segment)).size };
  }

  moveAll(): void {
    for (;;) {
      const result = this.writer.step();
      if (result.kind === "down") throw new Error(result.reason);
      if (result.kind === "idle") return;
    }
  }

  rows<Row>(sql: string): Row[] {
    const database = new Database(this.path);
    try {
      return database.query<Row, []>(sql).all();
    } finally {
      database.close();
    }
  }

  rejected(): { segment: number; offset: number; reason: string; line: string }[] {
    const path = join(this.journal, "rejected.jsonl");
    return existsSync(path)
      ? readFileSync(path, "utf8")
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line))
      : [];
  }
}

async function fixture(): Promise<Fixture> {
  const folder = temporaryFolder();
  const store = await openSqlite(folder);
  await store.destroy();
  return new Fixture(folder);
}

const call = (number: number) => [
  openLine(request(number), attempt(number)),
  closeLine(closing(number)),
  finishLine(request(number), finish(number)),
];

describe("what a record comes to", () => {
  test("a whole call is one whole row in each table", async () => {
    const ledger = await fixture();
    ledger.append(1, ...call(1));
    ledger.moveAll();
    expect(ledger.rows("select * from attempts")).toEqual([
      {
        id: "attempt-1",
        request_id: "request-1",
        ordinal: 1,
        started_at_ms: attempt(1).startedAtMs,
        provider: "acme",
        model: "large",
        project: "shop",
        key_id: "key-1",
        token_id: null,
        operation: "chat",
        end_user: null,
        tags: null,
        body_bytes: 401,
        markup: null,
        purpose: null,
        outcome: "ok",
        upstream_status: 200,
        error_class: null,
        error_code: null,
        finish_reason: "stop",
        usage_source: "reported",
        input_tokens: 100,
        cached_input_tokens: 0,
        cache_write_5m_tokens: 0,
        cache_write_1h_tokens: 0,
        input_audio_tokens: 0,
        input_image_tokens: 0,
        output_tokens: 10,
        reasoning_tokens: 0,
        output_audio_tokens: 0,
        billed_tool_calls: 0,
        billed_tools: null,
        cached_input_audio_tokens: null,
        cached_input_image_tokens: null,
        input_video_tokens: null,
        output_image_tokens: null,
        output_video_tokens: null,
        service_tier: null,
        raw_usage: '{"prompt_tokens":100}',
        cost_nanodollars: 280_000,
        billed_nanodollars: 280_000,
        cache_savings_nanodollars: null,
        price_book_version: "test",
        price_sheet: null,
        first_token_ms: 20,
        total_ms: 50,
        answer_bytes: 1000,
      },
    ]);
    expect(ledger.rows("select id, outcome, status, attempts, total_ms from requests")).toEqual([
      { id: "request-1", outcome: "ok", status: 200, attempts: 1, total_ms: 55 },
    ]);
  });

  test("an open call is a row without outcome, ended when its end comes", async () => {
    const ledger = await fixture();
    const [open = "", close = "", end = ""] = call(1);
    ledger.append(1, open);
    ledger.moveAll();
    expect(ledger.rows("select outcome from attempts union all select outcome from requests")).toEqual([
      { outcome: null },
      { outcome: null },
    ]);
    ledger.append(1, close, end);
    ledger.moveAll();
    expect(
      ledger.rows("select a.outcome, r.status from attempts a join requests r on r.id = a.request_id"),
    ).toEqual([{ outcome: "ok", status: 200 }]);
  });

  test.each(["at once", "line by line", "line by line, the writer started anew each time"])(
    "a request's row says what its attempts came to (moved %s)",
    async (how) => {
      const ledger = await fixture();
      const failed = { outcome: "failed", errorClass: "server" } as const;
      const lines = [
        openLine(request(1), attempt(1)),
        closeLine(closing(1, failed)),
        openLine(request(1), attempt(2, { requestId: "request-1", ordinal: 2, provider: "other" })),
        closeLine(closing(2)),
        finishLine(request(1), finish(1, { attempts: 2 })),
      ];
      for (const line of how === "at once" ? [lines.join("")] : lines) {
        ledger.append(1, line);
        ledger.moveAll();
        if (how.endsWith("anew each time")) ledger.startWriter();
      }
      expect(
        ledger.rows(
          "select provider, model, error_class, input_tokens, output_tokens, cost_nanodollars from requests",
        ),
      ).toEqual([
        {
          provider: "other",
          model: "large",
          error_class: null,
          input_tokens: 200,
          output_tokens: 20,
          cost_nanodollars: 560_000,
        },
      ]);
      expect(
        ledger.rows("select sum(calls) as calls, sum(cost_nanodollars) as cost from usage_hours"),
      ).toEqual([{ calls: 2, cost: 560_000 }]);
    },
  );

  test("a request names the attempt that answered, though one that it outran ends later", async () => {
    const ledger = await fixture();
    const hedge = attempt(2, { requestId: "request-1", ordinal: 2, provider: "other" });
    ledger.append(1, openLine(request(1), attempt(1)), openLine(request(1), hedge));
    ledger.append(1, closeLine(closing(1)), closeLine(closing(2, { outcome: "cancelled" })));
    ledger.append(1, finishLine(request(1), finish(1, { attempts: 2 })));
    ledger.moveAll();
    expect(ledger.rows("select provider, input_tokens from requests")).toEqual([
      { provider: "acme", input_tokens: 200 },
    ]);
  });

  test.each([true, false])("of two ends the first is charged (in one batch: %p)", async (inOneBatch) => {
    const ledger = await fixture();
    ledger.append(1, ...call(1));
    if (!inOneBatch) ledger.moveAll();
    ledger.append(1, closeLine(closing(1, { outcome: "interrupted", cost: nanoDollars(999) })));
    ledger.append(1, finishLine(request(1), finish(1, { outcome: "interrupted", status: 0 })));
    ledger.moveAll();
    expect(ledger.rows("select outcome, cost_nanodollars from attempts")).toEqual([
      { outcome: "ok", cost_nanodollars: 280_000 },
    ]);
    expect(ledger.rows("select outcome, status from requests")).toEqual([{ outcome: "ok", status: 200 }]);
  });

  test("a duration that is no whole number, or none at all, costs no row", async () => {
    const ledger = await fixture();
    const [open = ""] = call(1);
    ledger.append(1, open, closeLine(closing(1, { totalMs: 12.6, firstTokenMs: Number.NaN })));
    ledger.moveAll();
    expect(ledger.rows("select total_ms, first_token_ms from attempts")).toEqual([
      { total_ms: 13, first_token_ms: null },
    ]);
  });
});

describe("exactly once", () => {
  test("killed anywhere, started again, even set back: the rows are those of one undisturbed run", async () => {
    const lines = Array.from({ length: 12 }, (_, number) => call(number)).flat();
    const undisturbed = await fixture();
    undisturbed.append(1, ...lines);
    undisturbed.moveAll();
    const expected = undisturbed.rows("select * from attempts order by id");
    expect(expected).toHaveLength(12);

    const kill = fc.record({
      chunkBytes: fc.integer({ min: 1, max: 8000 }),
      steps: fc.integer({ min: 0, max: 6 }),
      setBack: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(kill, { maxLength: 5 }), async (kills) => {
        const ledger = await fixture();
        ledger.append(1, ...lines);
        for (const { chunkBytes, steps, setBack } of kills) {
          const writer = ledger.startWriter(chunkBytes);
          for (let step = 0; step < steps; step++) writer.step();
          if (setBack) ledger.rows("update journal_position set segment = 0, offset = 0");
        }
        ledger.startWriter();
        ledger.moveAll();
        expect(ledger.rows("select * from attempts order by id")).toEqual(expected);
        expect(ledger.rows("select count(*) as n from requests where outcome = 'ok'")).toEqual([{ n: 12 }]);
        expect(ledger.rejected()).toEqual([]);
        ledger.writer.close();
      }),
      { numRuns: 25 },
    );
  });

  test("a batch that fails half way leaves neither rows nor position", async () => {
    const ledger = await fixture();
    ledger.rows(
      "create trigger broken before update on journal_position begin select raise(abort, 'full'); end",
    );
    ledger.rows(
      "create trigger broken_too before insert on journal_position begin select raise(abort, 'full'); end",
    );
    ledger.append(1, ...call(1));
    expect(ledger.writer.step().kind).toBe("down");
    expect(ledger.rows("select id from attempts")).toEqual([]);
    ledger.rows("drop trigger broken");
    ledger.rows("drop trigger broken_too");
    ledger.moveAll();
    expect(ledger.rows("select id from attempts")).toHaveLength(1);
  });
});

describe("lines that can't become rows", () => {
  test("are set aside with their place, and stop nothing", async () => {
    const ledger = await fixture();
    const orphan = closeLine(closing(99));
    ledger.append(1, ...call(1), "not json\n", '{"kind":"close"}\n', orphan, ...call(2));
    ledger.moveAll();
    const start = call(1).join("").length;
    expect(ledger.rejected()).toEqual([
      { segment: 1, offset: start, reason: "not a journal record", line: "not json" },
      { segment: 1, offset: start + 9, reason: "not a journal record", line: '{"kind":"close"}' },
      {
        segment: 1,
        offset: start + 26,
        reason: "the end of what was never opened",
        line: orphan.trimEnd(),
      },
    ]);
    expect(ledger.writer.rejectedLines).toBe(3);
    expect(ledger.rows("select id from attempts order by id")).toEqual([
      { id: "attempt-1" },
      { id: "attempt-2" },
    ]);
  });

  test("a row that the tables refuse is found among its neighbours", async () => {
    const ledger = await fixture();
    ledger.rows(
      "create trigger picky before insert on attempts when new.id = 'attempt-3' begin select raise(abort, 'no'); end",
    );
    ledger.append(1, ...Array.from({ length: 6 }, (_, number) => call(number)).flat());
    ledger.moveAll();
    expect(ledger.rows("select id from attempts order by id")).toHaveLength(5);
    expect(ledger.rejected()[0]).toMatchObject({
      reason: expect.stringContaining("no"),
      line: call(3)[0]?.trimEnd(),
    });
  });

  test("the torn end of a segment is passed over", async () => {
    const ledger = await fixture();
    const [open = ""] = call(2);
    ledger.append(1, ...call(1), open.slice(0, 50));
    ledger.append(2, ...call(3));
    ledger.moveAll();
    expect(ledger.rows("select id from attempts order by id")).toEqual([
      { id: "attempt-1" },
      { id: "attempt-3" },
    ]);
    expect(ledger.rejected()).toMatchObject([{ reason: "cut off in the middle", line: open.slice(0, 50) }]);
  });
});

describe("segments", () => {
  test("are deleted once moved, never before", async () => {
    const ledger = await fixture();
    for (let segment = 1; segment <= 3; segment++) ledger.append(segment, ...call(segment));
    ledger.startWriter(100);
    const segments = () => readdirSync(ledger.journal).sort();
    ledger.writer.step();
    expect(segments()).toHaveLength(3);
    ledger.moveAll();
    expect(segments()).toEqual(["00000003.jsonl"]);
    expect(ledger.rows("select id from attempts")).toHaveLength(3);
    expect(ledger.progress.moved).toEqual(ledger.progress.written);
  });
});

describe("a store that is down", () => {
  test("locked by someone: says so, then goes on", async () => {
    const ledger = await fixture();
    ledger.append(1, ...call(1));
    const other = new Database(ledger.path);
    other.run("begin immediate");
    expect(ledger.writer.step()).toMatchObject({ kind: "down", reason: expect.stringContaining("locked") });
    other.run("rollback");
    other.close();
    ledger.moveAll();
    expect(ledger.rows("select id from attempts")).toHaveLength(1);
  });

  test("file moved away in use: writes nothing into the void, and goes on when it is back", async () => {
    const ledger = await fixture();
    ledger.append(1, ...call(1));
    ledger.moveAll();
    renameSync(ledger.path, `${ledger.path}.away`);
    ledger.append(1, ...call(2));
    expect(ledger.writer.step().kind).toBe("down");
    expect(ledger.writer.step().kind).toBe("down");
    expect(existsSync(ledger.path)).toBe(false);
    renameSync(`${ledger.path}.away`, ledger.path);
    ledger.moveAll();
    expect(ledger.rows("select id from attempts")).toHaveLength(2);
  });
});
