import type { BodyRecording, ScopedPolicy } from "../model/policy.ts";

/** Whether bodies are recorded where these policies hold together, and how: by the least that any of them says. */
export function recordingUnder(policies: readonly ScopedPolicy[]): BodyRecording | undefined {
  const all = policies.flatMap(({ policy }) => policy.recording ?? []);
  if (all.length === 0) return undefined;
  return {
    maxBytes: Math.min(...all.map(({ maxBytes }) => maxBytes)),
    keepDays: Math.min(...all.map(({ keepDays }) => keepDays)),
  };
}
