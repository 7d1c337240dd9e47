import { type BrowserToken, type Caller, nonEmptyText } from "../../model/caller.ts";
import { type NameMatcher, nameMatcher } from "../../model/name-pattern.ts";
import type { BodyRecording, Policy, ScopedPolicy } from "../../model/policy.ts";
import type { ProjectRow, VirtualKeyRow } from "../../storage/schema.ts";
import { storedPolicy } from "../document/read-policy.ts";
import { recordingUnder } from "../recording.ts";
import { storedTags } from "./tags.ts";

/** A caller, with what its policies allow ready to ask. */
export interface KnownCaller extends Caller {
  /** Whether every policy over the caller allows a name. */
  readonly mayUse: NameMatcher;
  /** Whether every policy over the caller allows a target of a route, by the route's alias or by the target's name. */
  mayReach(alias: string, target: string): boolean;
  /** How its prompts and answers are recorded; absent where they are not. */
  readonly recording?: BodyRecording;
}

/** A policy ready to be asked. */
export interface CompiledPolicy {
  readonly scoped: ScopedPolicy;
  /** Absent where it allows every model. */
  readonly models?: NameMatcher;
}

/** A project with its policy ready to be asked. */
export interface KnownProject {
  readonly row: ProjectRow;
  readonly policy: CompiledPolicy;
}

/** A project's policy, compiled once for all its keys. */
export function compileProjectPolicy(row: ProjectRow): CompiledPolicy {
  return compiled("project", row.name, storedPolicy(row.policy));
}

/** A key's policy, compiled once for all its calls. */
export function compileKeyPolicy(row: VirtualKeyRow): CompiledPolicy {
  return compiled("key", row.id, storedPolicy(row.policy));
}

/** The caller behind a key, under its project's policy and its own. */
export function knownCaller(row: VirtualKeyRow, project: KnownProject, own: CompiledPolicy): KnownCaller {
  const matchers = [project.policy, own].flatMap(({ models }) => (models === undefined ? [] : [models]));
  const { markup } = project.row;
  const tags = storedTags(row.tags);
  return Object.freeze({
    project: nonEmptyText(row.project),
    keyId: nonEmptyText(row.id),
    keyName: row.name,
    policies: [project.policy.scoped, own.scoped],
    ...(tags === undefined ? {} : { tags }),
    ...(markup === "1" ? {} : { markup }),
    ...recordingOf([project.policy.scoped, own.scoped]),
    mayUse: all(matchers),
    mayReach: (alias: string, target: string) => matchers.every((fits) => fits(alias) || fits(target)),
  });
}

/** The caller behind a browser token, under the policies of the key that minted it and the token's own. */
export function tokenCaller(minter: KnownCaller, token: BrowserToken, policy: Policy): KnownCaller {
  const { scoped, models } = compiled("token", token.id, policy);
  return Object.freeze({
    ...minter,
    token: Object.freeze(token),
    policies: [...minter.policies, Object.freeze({ ...scoped, endsAtMs: token.expiresAtMs })],
    ...recordingOf([...minter.policies, scoped]),
    mayUse: models === undefined ? minter.mayUse : all([minter.mayUse, models]),
    mayReach: (alias: string, target: string) =>
      minter.mayReach(alias, target) && (models === undefined || models(alias) || models(target)),
  });
}

function recordingOf(policies: readonly ScopedPolicy[]): Pick<KnownCaller, "recording"> {
  const recording = recordingUnder(policies);
  return recording === undefined ? {} : { recording };
}

function all(matchers: readonly NameMatcher[]): NameMatcher {
  const [first, second] = matchers;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  return (name) => first(name) && second(name);
}

function compiled(scope: ScopedPolicy["scope"], id: string, policy: Policy): CompiledPolicy {
  return Object.freeze({
    scoped: Object.freeze({ scope, id, policy }),
    ...(policy.models === undefined ? {} : { models: nameMatcher(policy.models) }),
  });
}
