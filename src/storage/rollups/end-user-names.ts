import type { Database } from "bun:sqlite";
import { OTHERS } from "./series-directory.ts";

/** End users of a project that are told apart on one day; the calls of those who come later are counted together. */
export const MAX_END_USERS_A_DAY = 10_000;

/** Keeps the number of end users that have rows of their own within its bound. */
export class EndUserNames {
  readonly #count;
  readonly #exists;
  /** By project, how many end users have rows on a day. */
  readonly #counts = new Map<string, { day: number; count: number }>();

  constructor(database: Database) {
    this.#count = database.prepare<{ count: number }, [string, number]>(
      "select count(distinct end_user) as count from usage_end_users where project = ? and day = ?",
    );
    this.#exists = database.prepare<{ found: number }, [string, number, string]>(
      "select 1 as found from usage_end_users where project = ? and day = ? and end_user = ? limit 1",
    );
  }

  /** The name under which an end user's calls of a day are counted. */
  nameFor(project: string, day: number, endUser: string): string {
    if (endUser === OTHERS || this.#exists.get(project, day, endUser) !== null) return endUser;
    const counted = this.#countedOn(project, day);
    if (counted.count >= MAX_END_USERS_A_DAY) return OTHERS;
    counted.count++;
    return endUser;
  }

  /** What was counted since the last commit may not be there any more. */
  forget(): void {
    this.#counts.clear();
  }

  close(): void {
    this.#count.finalize();
    this.#exists.finalize();
  }

  #countedOn(project: string, day: number): { count: number } {
    const known = this.#counts.get(project);
    if (known?.day === day) return known;
    const counted = { day, count: this.#count.get(project, day)?.count ?? 0 };
    this.#counts.set(project, counted);
    return counted;
  }
}
