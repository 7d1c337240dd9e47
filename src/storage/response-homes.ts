import type { Database, Statement } from "bun:sqlite";
import { join } from "node:path";
import type { ResponseHome, ResponseHomes } from "../model/response-home.ts";
import { openDatabase } from "./open-database.ts";
import { WaitingHomes } from "./waiting-homes.ts";

/** As long as OpenAI keeps what is stored (https://platform.openai.com/docs/guides/conversation-state). */
const KEPT_MS = 30 * 86_400_000;
const MOST_KEPT = 1_000_000;
/** What is too old or too much is looked for once in so many notes. */
const TIDY_EVERY = 1_000;
/** Notes are written together, so long after the first of them at most. */
const WRITTEN_AFTER_MS = 20;
/** So many don't wait for that, and no more are held where they can't be written. */
const MOST_WAITING = 1_000;

type HomeRow = Omit<ResponseHome, "endUser"> & { readonly endUser: string | null };

/**
 * Which provider keeps which response, so that the next turn finds it there. In a file of its own, which waits for no
 * lock that the ledger's writer holds. A note is held in memory, where it is found at once, and written a moment later
 * with others, so that no answer waits for a disk: who ends the process must call `close`, and where it is killed the
 * last moment's notes are lost. Throws SQLiteError where it can't be read.
 */
export class StoredResponseHomes implements ResponseHomes {
  readonly #database: Database;
  readonly #insert: Statement;
  readonly #find: Statement<HomeRow, [string, string, number]>;
  readonly #projects: Statement<{ readonly project: string }, [string]>;
  readonly #writeAll: (waiting: WaitingHomes) => void;
  readonly #report: (error: unknown) => void;
  readonly #mostKept: number;
  readonly #waiting = new WaitingHomes();
  #timer: Timer | undefined;
  #untilTidy = 0;

  /** `report` is told where notes can't be written; they are tried again with the next. */
  constructor(dataFolder: string, report: (error: unknown) => void, mostKept: number = MOST_KEPT) {
    this.#report = report;
    this.#mostKept = mostKept;
    this.#database = openDatabase(join(dataFolder, "responses.db"), { create: true, checkpoint: true });
    this.#database.run(`create table if not exists homes (
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
    this.#insert = this.#database.prepare(
      `insert into homes (project, id, provider, credential, route, model, end_user, noted_at_ms)
       values (?, ?, ?, ?, ?, ?, ?, ?)
       on conflict (id, project) do nothing`,
    );
    this.#find = this.#database.prepare(
      `select provider, credential, route, model, end_user as endUser from homes
       where project = ? and id = ? and noted_at_ms > ?`,
    );
    this.#projects = this.#database.prepare("select project from homes where id = ?");
    this.#writeAll = this.#database.transaction((waiting: WaitingHomes) => this.#insertAll(waiting));
  }

  /** Remembers who keeps a project's response. */
  note(project: string, id: string, home: ResponseHome, nowMs: number): void {
    this.#waiting.add({ project, id, home, notedAtMs: nowMs });
    if (this.#waiting.size >= MOST_WAITING) this.#writeOrForget();
    else this.#timer ??= setTimeout(() => this.write(), WRITTEN_AFTER_MS);
  }

  /** Who keeps it; undefined for a response that no call of this project was answered with, or that is too old. */
  find(project: string, id: string, nowMs: number): ResponseHome | undefined {
    const waiting = this.#waiting.find(project, id);
    if (waiting !== undefined) return waiting.notedAtMs > nowMs - KEPT_MS ? waiting.home : undefined;
    const found = this.#find.get(project, id, nowMs - KEPT_MS);
    if (found === null) return undefined;
    const { endUser, ...home } = found;
    return endUser === null ? home : { ...home, endUser };
  }

  /** Whether a call of another project was answered with it, however long ago, and none of this one. */
  isOfAnother(project: string, id: string): boolean {
    const projects = [...this.#waiting.projectsOf(id), ...this.#projects.all(id).map((row) => row.project)];
    return projects.length > 0 && !projects.includes(project);
  }

  /** Writes what waits, now. */
  write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.size === 0) return;
    try {
      this.#writeAll(this.#waiting);
      this.#waiting.clear();
    } catch (error) {
      this.#report(error);
    }
  }

  /** Writes what waits, and closes the file. */
  close(): void {
    this.write();
    this.#insert.finalize();
    this.#find.finalize();
    this.#projects.finalize();
    this.#database.close();
  }

  /** Memory is bounded: what can't be written is not held for ever. */
  #writeOrForget(): void {
    this.write();
    this.#waiting.clear();
  }

  #insertAll(waiting: WaitingHomes): void {
    let latestMs = 0;
    for (const { project, id, home, notedAtMs } of waiting.all()) {
      const { provider, credential, route, model, endUser = null } = home;
      this.#insert.run(project, id, provider, credential, route, model, endUser, notedAtMs);
      latestMs = Math.max(latestMs, notedAtMs);
    }
    this.#untilTidy -= waiting.size;
    if (this.#untilTidy > 0) return;
    this.#untilTidy = TIDY_EVERY;
    this.#tidy(latestMs);
  }

  /** Rows are numbered as they come, so the oldest have the lowest numbers. */
  #tidy(nowMs: number): void {
    this.#database.run("delete from homes where number <= (select max(number) from homes) - ?", [
      this.#mostKept,
    ]);
    this.#database.run(
      `delete from homes where number < coalesce(
         (select min(number) from homes where noted_at_ms > ?), (select max(number) + 1 from homes))`,
      [nowMs - KEPT_MS],
    );
  }
}
