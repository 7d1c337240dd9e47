import type { Database, Statement } from "bun:sqlite";
import { join } from "node:path";
import type { StoredResponse, StoredResponses } from "../model/stored-response.ts";
import { takeOverEarlierResponses } from "./earlier-responses.ts";
import { openDatabase } from "./open-database.ts";
import { UnwrittenResponses } from "./unwritten-responses.ts";

/** As long as OpenAI keeps what is stored (https://platform.openai.com/docs/guides/conversation-state). */
const STORED_FOR_MS = 30 * 86_400_000;
const MOST_ROWS = 1_000_000;
/** What is too old or too much is looked for once in so many rows. */
const TIDY_EVERY = 1_000;
/** Rows are written together, so long after the first of them at most. */
const WRITTEN_AFTER_MS = 20;
/** So many don't wait for that, and no more are held where they can't be written. */
const MOST_UNWRITTEN = 1_000;
/** Whoever else has a lock on the file: calls don't wait for them, the end of the gateway does, for so long. */
const LAST_WAIT_MS = 250;

type ResponseRow = Omit<StoredResponse, "endUser"> & { readonly endUser: string | null };

/**
 * Which provider stores which response, so that the next turn goes there. In a file of its own, which waits for no lock
 * that the ledger's writer holds. What is noted is held in memory, where it is found at once, and written a moment later
 * with others, so that no answer waits for a disk: who ends the process must call `close`, and where it is killed the
 * last moment's rows are lost. Throws SQLiteError where it can't be read.
 */
export class StoredResponseDatabase implements StoredResponses {
  readonly #database: Database;
  readonly #insert: Statement;
  readonly #find: Statement<ResponseRow, [string, string, number]>;
  readonly #projects: Statement<{ readonly project: string }, [string]>;
  readonly #writeAll: (unwritten: UnwrittenResponses) => void;
  readonly #report: (error: unknown) => void;
  readonly #mostRows: number;
  readonly #unwritten = new UnwrittenResponses();
  #timer: Timer | undefined;
  #isFailing = false;
  #untilTidy = 0;

  /** `report` is told once where rows can't be written, until they can; they are tried again with the next. */
  constructor(dataFolder: string, report: (error: unknown) => void, mostRows: number = MOST_ROWS) {
    this.#report = report;
    this.#mostRows = mostRows;
    const options = { create: true, checkpoint: true, busyTimeoutMs: 0 };
    this.#database = openDatabase(join(dataFolder, "responses.db"), options);
    this.#database.run(`create table if not exists stored_responses (
      number integer primary key,
      project text not null,
      id text not null,
      provider text not null,
      credential text not null,
      route text not null,
      model text not null,
      end_user text,
      noted_at_ms integer not null,
      unique (id, project)
    ) strict`);
    takeOverEarlierResponses(this.#database);
    this.#insert = this.#database.prepare(
      `insert into stored_responses (project, id, provider, credential, route, model, end_user, noted_at_ms)
       values (?, ?, ?, ?, ?, ?, ?, ?)
       on conflict (id, project) do nothing`,
    );
    this.#find = this.#database.prepare(
      `select provider, credential, route, model, end_user as endUser from stored_responses
       where project = ? and id = ? and noted_at_ms > ?`,
    );
    this.#projects = this.#database.prepare("select project from stored_responses where id = ?");
    this.#writeAll = this.#database.transaction((unwritten: UnwrittenResponses) =>
      this.#insertAll(unwritten),
    );
  }

  /** Remembers where a project's response is stored. */
  note(project: string, id: string, response: StoredResponse, nowMs: number): void {
    this.#unwritten.add({ project, id, response, notedAtMs: nowMs });
    if (this.#unwritten.size >= MOST_UNWRITTEN) this.#writeOrForget();
    else this.#timer ??= setTimeout(() => this.write(), WRITTEN_AFTER_MS);
  }

  /** Where it is stored; undefined for a response that no call of this project was answered with, or that is too old. */
  find(project: string, id: string, nowMs: number): StoredResponse | undefined {
    const unwritten = this.#unwritten.find(project, id);
    if (unwritten !== undefined)
      return unwritten.notedAtMs > nowMs - STORED_FOR_MS ? unwritten.response : undefined;
    const found = this.#find.get(project, id, nowMs - STORED_FOR_MS);
    if (found === null) return undefined;
    const { endUser, ...response } = found;
    return endUser === null ? response : { ...response, endUser };
  }

  /** Whether a call of another project was answered with it, however long ago, and none of this one. */
  isOfAnother(project: string, id: string): boolean {
    const projects = [...this.#unwritten.projectsOf(id), ...this.#projects.all(id).map((row) => row.project)];
    return projects.length > 0 && !projects.includes(project);
  }

  /** Writes what waits, now. */
  write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#unwritten.size === 0) return;
    try {
      this.#writeAll(this.#unwritten);
      this.#unwritten.clear();
      this.#isFailing = false;
    } catch (error) {
      // Tried again with every few answers: a full disk is no better for hundreds of lines about it.
      if (!this.#isFailing) this.#report(error);
      this.#isFailing = true;
    }
  }

  /** Writes what waits, and closes the file. */
  close(): void {
    this.#database.run(`pragma busy_timeout = ${LAST_WAIT_MS}`);
    this.write();
    this.#insert.finalize();
    this.#find.finalize();
    this.#projects.finalize();
    this.#database.close();
  }

  /** Memory is bounded: what can't be written is not held for ever. */
  #writeOrForget(): void {
    this.write();
    this.#unwritten.clear();
  }

  #insertAll(unwritten: UnwrittenResponses): void {
    let latestMs = 0;
    for (const { project, id, response, notedAtMs } of unwritten.all()) {
      const { provider, credential, route, model, endUser = null } = response;
      this.#insert.run(project, id, provider, credential, route, model, endUser, notedAtMs);
      latestMs = Math.max(latestMs, notedAtMs);
    }
    this.#untilTidy -= unwritten.size;
    if (this.#untilTidy > 0) return;
    this.#untilTidy = TIDY_EVERY;
    this.#tidy(latestMs);
  }

  /** Rows are numbered as they come, so the oldest have the lowest numbers. */
  #tidy(nowMs: number): void {
    this.#database.run(
      "delete from stored_responses where number <= (select max(number) from stored_responses) - ?",
      [this.#mostRows],
    );
    this.#database.run(
      `delete from stored_responses where number < coalesce(
         (select min(number) from stored_responses where noted_at_ms > ?),
         (select max(number) + 1 from stored_responses))`,
      [nowMs - STORED_FOR_MS],
    );
  }
}
