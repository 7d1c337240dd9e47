import type { Condition, TimeOfDay } from "../../model/condition.ts";
import type { WrittenCondition } from "../configuration/condition-fields.ts";

/** A condition in the form that requests are held against. */
export function compileCondition(written: WrittenCondition): Condition {
  const { project, key, tags, operation, dialect, end_user: endUser, region, stream, needs, time } = written;
  const { input_tokens: inputTokens, all, any, not } = written;
  return Object.freeze({
    ...present("project", listOf(project)),
    ...present("key", listOf(key)),
    ...present("tags", tags && tagPatterns(tags)),
    ...present("operation", listOf(operation)),
    ...present("dialect", listOf(dialect)),
    ...present("endUser", listOf(endUser)),
    ...present("region", listOf(region)),
    ...present("stream", stream),
    ...present("needs", listOf(needs)),
    ...present(
      "inputTokens",
      inputTokens && { ...present("from", inputTokens.from), ...present("to", inputTokens.to) },
    ),
    ...present("time", time && compileTime(time)),
    ...present("all", all?.map(compileCondition)),
    ...present("any", any?.map(compileCondition)),
    ...present("not", not && compileCondition(not)),
  });
}

/** A member that is left out where there is no value. */
function present<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [N in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [N in Name]?: Value });
}

function listOf<Value>(written: Value | readonly Value[] | undefined): readonly Value[] | undefined {
  if (written === undefined) return undefined;
  return isList(written) ? [...written] : [written];
}

function isList<Value>(written: Value | readonly Value[]): written is readonly Value[] {
  return Array.isArray(written);
}

function tagPatterns(tags: NonNullable<WrittenCondition["tags"]>): Condition["tags"] {
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, listOf(value) ?? []]));
}

function compileTime({ from, to, days, zone }: NonNullable<WrittenCondition["time"]>): TimeOfDay {
  return Object.freeze({
    fromMinute: minuteOf(from),
    toMinute: minuteOf(to),
    zone,
    ...present("days", days),
  });
}

/** `22:30` as minutes since midnight. */
function minuteOf(clock: string): number {
  const [hours, minutes] = clock.split(":");
  return Number(hours) * 60 + Number(minutes);
}
