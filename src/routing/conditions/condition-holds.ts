import type { Condition, NumberRange } from "../../model/condition.ts";
import { type NameMatcher, nameMatcher } from "../../model/name-pattern.ts";
import type { RequestFacts } from "../request-facts.ts";
import { timeHolds } from "./time-holds.ts";

/*
 * Conditions are data and are read as they stand, at each request: there are few of them, each asks for few facts, and
 * a form of their own to compile them to would be a second language that has to say the same.
 */

/** Whether a condition holds of a request. An empty one always does. */
export function conditionHolds(condition: Condition, facts: RequestFacts): boolean {
  return (
    namesHold(condition, facts) &&
    (condition.stream === undefined || condition.stream === facts.stream) &&
    (condition.region === undefined || regionHolds(condition.region, facts)) &&
    (condition.tags === undefined || tagsHold(condition.tags, facts.tags)) &&
    (condition.time === undefined || timeHolds(condition.time, facts.nowMs)) &&
    (condition.inputTokens === undefined || within(condition.inputTokens, facts.inputTokens)) &&
    (condition.needs === undefined || condition.needs.every((need) => facts.needs.has(need))) &&
    (condition.all === undefined || condition.all.every((each) => conditionHolds(each, facts))) &&
    (condition.any === undefined || condition.any.some((each) => conditionHolds(each, facts))) &&
    (condition.not === undefined || !conditionHolds(condition.not, facts))
  );
}

function namesHold(condition: Condition, facts: RequestFacts): boolean {
  return (
    fits(condition.project, facts.project) &&
    (condition.key === undefined || fits(condition.key, facts.keyName) || fits(condition.key, facts.keyId)) &&
    fits(condition.operation, facts.operation) &&
    fits(condition.dialect, facts.dialect) &&
    fits(condition.endUser, facts.endUser)
  );
}

function fits(patterns: readonly string[] | undefined, name: string | undefined): boolean {
  return patterns === undefined || (name !== undefined && matcherOf(patterns)(name));
}

function tagsHold(wanted: NonNullable<Condition["tags"]>, tags: RequestFacts["tags"]): boolean {
  return Object.entries(wanted).every(
    ([name, patterns]) => Object.hasOwn(tags, name) && fits(patterns, tags[name]),
  );
}

/** Whoever may go anywhere is bound to no region. */
function regionHolds(patterns: readonly string[], { policies }: RequestFacts): boolean {
  const bound = policies.flatMap(({ policy: { regions } }) => (regions === undefined ? [] : [regions]));
  return bound.some((regions) => regions.length > 0 && regions.every(matcherOf(patterns)));
}

function within({ from, to }: NumberRange, value: number): boolean {
  return (from === undefined || value >= from) && (to === undefined || value <= to);
}

/** Lists of patterns belong to a configuration, and live as long as it. */
const matchers = new WeakMap<readonly string[], NameMatcher>();

function matcherOf(patterns: readonly string[]): NameMatcher {
  const known = matchers.get(patterns);
  if (known !== undefined) return known;
  const made = nameMatcher(patterns);
  matchers.set(patterns, made);
  return made;
}
