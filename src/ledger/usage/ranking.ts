import type { Ordered } from "./line-order.ts";
import type { SelectedSeries } from "./series-selection.ts";
import type { UsageGrouping } from "./usage-query.ts";
import { dayName, hourName } from "./usage-range.ts";
import type { CountedRow, TimeUnit, UsagePlaces } from "./usage-rows.ts";

/** There are fewer series than this, and so fewer bases. */
const MOST_BASES = 2 ** 26;
const HOURS_OF_DAY = 24;

/** Something for each group that rows may be of. */
export class GroupMap<Value> {
  readonly #byEndUser = new Map<string, Map<number, Value>>();

  find(endUser: string, base: number, time: number): Value | undefined {
    return this.#byEndUser.get(endUser)?.get(time * MOST_BASES + base);
  }

  set({ endUser, base, time }: Pick<RankedGroup, "endUser" | "base" | "time">, value: Value): void {
    const values = this.#byEndUser.get(endUser) ?? new Map<number, Value>();
    this.#byEndUser.set(endUser, values.set(time * MOST_BASES + base, value));
  }
}

/** Names a group by the values of its groupings. */
type GroupNamer = (group: Pick<RankedGroup, "base" | "time" | "endUser">) => readonly string[];

/** A group of which no more is known yet than what it is put in order by. There may be very many. */
export class RankedGroup implements Ordered {
  readonly base: number;
  readonly time: number;
  readonly endUser: string;
  calls = 0;
  readonly #nameOf: GroupNamer;
  #group: readonly string[] | undefined;
  /** Money outgrows what a number holds exactly where much is added up. */
  #cost = 0;
  #carried = 0n;

  constructor(base: number, time: number, endUser: string, nameOf: GroupNamer) {
    this.base = base;
    this.time = time;
    this.endUser = endUser;
    this.#nameOf = nameOf;
  }

  get group(): readonly string[] {
    this.#group ??= this.#nameOf(this);
    return this.#group;
  }

  get cost(): bigint {
    return this.#carried + BigInt(this.#cost);
  }

  add(calls: number, cost: number): void {
    this.calls += calls;
    if (this.#cost + cost > Number.MAX_SAFE_INTEGER) {
      this.#carried += BigInt(this.#cost);
      this.#cost = 0;
    }
    this.#cost += cost;
  }
}

/** All groups of a question: to count their rows' cost and calls is quick, to add up all that the rows hold is not. */
export class Ranking {
  readonly groups: RankedGroup[] = [];
  readonly #map = new GroupMap<RankedGroup>();
  readonly #by: readonly UsageGrouping[];
  readonly #unit: TimeUnit;
  readonly #usesEndUsers: boolean;
  readonly #bases: (readonly string[])[] = [];
  readonly #timeNames = new Map<number, { readonly day: string; readonly hour: string }>();

  constructor(by: readonly UsageGrouping[], unit: TimeUnit) {
    this.#by = by;
    this.#unit = unit;
    this.#usesEndUsers = by.includes("end_user");
  }

  add({ end_user: endUser = "", cost, calls }: CountedRow, series: SelectedSeries, time: number): void {
    const name = this.#usesEndUsers ? endUser : "";
    const group = this.#map.find(name, series.base, time) ?? this.#make(name, series, time);
    group.add(calls, cost);
  }

  #make(endUser: string, { base, group }: SelectedSeries, time: number): RankedGroup {
    this.#bases[base] = group;
    const made = new RankedGroup(base, time, endUser, this.#nameOf);
    this.#map.set(made, made);
    this.groups.push(made);
    return made;
  }

  readonly #nameOf: GroupNamer = ({ base, time, endUser }) => {
    const values = this.#bases[base] ?? [];
    if (this.#unit === "none" && !this.#usesEndUsers) return values;
    const { day, hour } = this.#namesOfTime(time);
    const own = { end_user: endUser, day, hour };
    return values.map((value, index) => {
      const grouping = this.#by[index];
      return grouping === "end_user" || grouping === "day" || grouping === "hour" ? own[grouping] : value;
    });
  };

  #namesOfTime(time: number): { readonly day: string; readonly hour: string } {
    const known = this.#timeNames.get(time);
    if (known !== undefined) return known;
    const isHour = this.#unit === "hour";
    const names = {
      day: dayName(isHour ? Math.floor(time / HOURS_OF_DAY) : time),
      hour: isHour ? hourName(time) : "",
    };
    this.#timeNames.set(time, names);
    return names;
  }
}

/** Where the rows of some groups are. */
export function placesOf(groups: readonly RankedGroup[]): UsagePlaces {
  return {
    times: new Set(groups.map(({ time }) => time)),
    endUsers: new Set(groups.map(({ endUser }) => endUser)),
    bases: new Set(groups.map(({ base }) => base)),
  };
}
