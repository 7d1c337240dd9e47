import type { Database, Statement } from "bun:sqlite";
import { join } from "node:path";
import type { ResponseHome, ResponseHomes } from "../model/response-home.ts";
import { openDatabase } from "./open-database.ts";

/** As long as OpenAI keeps what is stored (https://platform.openai.com/docs/guides/conversation-state). */
const KEPT_MS = 30 * 86_400_000;
const MOST_KEPT = 1_000_000;
/** What is too old or too much is looked for once in so many notes. */
const TIDY_EVERY = 1_000;

type HomeRow = Omit<ResponseHome, "endUser"> & { readonly endUser: string | null };

/**
 * Which provider keeps which response, so that the next turn finds it there. In a file of its own: it is written beside
 * every answer that is kept, and waits for no lock that the ledger's writer holds. Throws SQLiteError.
 */
export class StoredResponseHomes implements ResponseHomes {
  readonly #database: Database;
  readonly #insert: Statement;
  readonly #find: Statement<HomeRow, [string, string, number]>;
  readonly #projects: Statement<{ readonly project: string }, [string]>;
  readonly #mostKept: number;
  #notes = 0;

  constructor(dataFolder: string, mostKept: number = MOST_KEPT) {
    this.#mostKept = mostKept;
    this.#database = openDatabase(join(dataFolder, "responses.db"), { create: true, checkpoint: true });
    this.#database.run(`create table if not exists homes (
      number integer primary key autoincrement,
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
  }

  /** Remembers who keeps a project's response. */
  note(project: string, id: string, home: ResponseHome, nowMs: number): void {
    const { provider, credential, route, model, endUser = null } = home;
    this.#insert.run(project, id, provider, credential, route, model, endUser, nowMs);
    if (this.#notes++ % TIDY_EVERY === 0) this.#tidy(nowMs);
  }

  /** Who keeps it; undefined for a response that no call of this project was answered with, or that is too old. */
  find(project: string, id: string, nowMs: number): ResponseHome | undefined {
    const found = this.#find.get(project, id, nowMs - KEPT_MS);
    if (found === null) return undefined;
    const { endUser, ...home } = found;
    return endUser === null ? home : { ...home, endUser };
  }

  /** Whether a call of another project was answered with it, however long ago, and none of this one. */
  isOfAnother(project: string, id: string): boolean {
    const projects = this.#projects.all(id);
    return projects.length > 0 && projects.every((known) => known.project !== project);
  }

  close(): void {
    this.#insert.finalize();
    this.#find.finalize();
    this.#projects.finalize();
    this.#database.close();
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
