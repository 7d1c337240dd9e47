import type { AttemptRow, RequestRow } from "../schema.ts";
import { UsageMeasures } from "./usage-measures.ts";

/** What calls are told apart by. Texts are empty where there is nothing to say. */
export interface SeriesDimensions {
  readonly project: string;
  readonly key_id: string;
  /** JSON object of the key's tags when the call was made, by rising name. */
  readonly tags: string;
  readonly provider: string;
  /** The provider's own name of it. */
  readonly model: string;
  readonly operation: string;
  readonly outcome: string;
  /** The class of the failure, or its code where it has no class. */
  readonly error_class: string;
}

/** What is to be added to one series. */
export interface SeriesDelta {
  readonly dimensions: SeriesDimensions;
  /** By hours since 1970. */
  readonly hours: Map<number, UsageMeasures>;
  /** By days since 1970, then by end user. */
  readonly endUsers: Map<number, Map<string, UsageMeasures>>;
}

type Named = Pick<AttemptRow, "project" | "key_id" | "operation" | "tags" | "end_user">;

export const HOUR_MS = 3_600_000;
const HOURS_OF_DAY = 24;
export const DAY_MS = HOURS_OF_DAY * HOUR_MS;
/** Models and end users are named by clients; a rollup holds this much of a name. */
const MAX_NAME_CHARACTERS = 200;

/** What some ended calls come to, by series and hour: many rows make few. */
export class UsageDeltas {
  readonly #bySeries = new Map<string, SeriesDelta>();

  get series(): Iterable<SeriesDelta> {
    return this.#bySeries.values();
  }

  /** Adds an attempt that has ended. */
  addAttempt(row: AttemptRow): void {
    const failure = row.error_class ?? row.error_code ?? "";
    const model = row.model.slice(0, MAX_NAME_CHARACTERS);
    const series = this.#seriesOf(row, row.provider, model, row.outcome ?? "", failure);
    const hour = hourOf(row.started_at_ms);
    measuresAt(series.hours, hour).addAttempt(row);
    if (row.end_user !== null) endUserMeasures(series, hour, row.end_user).addAttempt(row);
  }

  /**
   * Adds a request that has ended without an attempt. One that went well was answered without asking anybody; one that
   * was given a kept answer was counted when that was made.
   */
  addRequestAlone(row: RequestRow): void {
    const outcome = row.outcome ?? "";
    // Rows are counted anew by a migration that comes before the column.
    if (outcome === "ok" || typeof row.replay_of === "string") return;
    const series = this.#seriesOf(row, "", "", outcome, row.error_code ?? "");
    const hour = hourOf(row.received_at_ms);
    measuresAt(series.hours, hour).addRefusal();
    if (row.end_user !== null) endUserMeasures(series, hour, row.end_user).addRefusal();
  }

  #seriesOf(row: Named, provider: string, model: string, outcome: string, failure: string): SeriesDelta {
    const tags = row.tags ?? "";
    const operation = row.operation ?? "";
    // Only the model may hold any character, and it stands last: no two series have the same name.
    const name = `${row.project}\0${row.key_id}\0${tags}\0${provider}\0${operation}\0${outcome}\0${failure}\0${model}`;
    const known = this.#bySeries.get(name);
    if (known !== undefined) return known;
    const series: SeriesDelta = {
      dimensions: {
        project: row.project,
        key_id: row.key_id,
        tags,
        provider,
        model,
        operation,
        outcome,
        error_class: failure,
      },
      hours: new Map(),
      endUsers: new Map(),
    };
    this.#bySeries.set(name, series);
    return series;
  }
}

/** The hour of a moment, and the day of an hour, both counted from 1970 on. */
export function hourOf(ms: number): number {
  return Math.floor(ms / HOUR_MS);
}

export function dayOfHour(hour: number): number {
  return Math.floor(hour / HOURS_OF_DAY);
}

function endUserMeasures({ endUsers }: SeriesDelta, hour: number, endUser: string): UsageMeasures {
  const day = dayOfHour(hour);
  const ofDay = endUsers.get(day) ?? new Map<string, UsageMeasures>();
  endUsers.set(day, ofDay);
  return measuresAt(ofDay, endUser.slice(0, MAX_NAME_CHARACTERS));
}

function measuresAt<Place>(measures: Map<Place, UsageMeasures>, place: Place): UsageMeasures {
  const known = measures.get(place);
  if (known !== undefined) return known;
  const made = new UsageMeasures();
  measures.set(place, made);
  return made;
}
