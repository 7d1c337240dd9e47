import type { Finding, Path } from "../../config/problem.ts";
import type { LooseDraft, LooseRoute, LooseTargets } from "./loose-draft.ts";

/** Says what is wrong with a target that is named somewhere. */
type JudgeTarget = (path: Path, target: string) => Finding[];

/** Rules about each route as a whole. */
export function routeFindings(draft: LooseDraft, judge: JudgeTarget): Finding[] {
  return Object.entries(draft.routes).flatMap(([alias, route]) => {
    const path = ["routes", alias];
    return [
      ...exclusiveFindings(path, route),
      ...(route.experiment === undefined
        ? rankFindings(path, route, judge)
        : armFindings(path, route, judge)),
      ...(["canary", "shadow"] as const).flatMap((side) => {
        const target = route[side]?.target;
        return target === undefined ? [] : judge([...path, side, "target"], target);
      }),
    ];
  });
}

/** Targets stand in one list, or in the lists of several tiers. */
function rankFindings(path: Path, { targets, tiers }: LooseTargets, judge: JudgeTarget): Finding[] {
  if (targets !== undefined && tiers !== undefined) {
    return [
      {
        path: [...path, "tiers"],
        at: "name",
        message: "stands beside `targets`",
        mend: "Keep one of them: `targets` is one tier.",
      },
    ];
  }
  if (tiers !== undefined)
    return tiers.flatMap((tier, index) =>
      listFindings([...path, "tiers", index, "targets"], tier.targets, judge),
    );
  if (targets !== undefined) return listFindings([...path, "targets"], targets, judge);
  const mend = "Add it. Write a list: `[a, b]`, or one `- entry` on each line.";
  return [{ path: [...path, "targets"], message: "is missing", mend }];
}

function listFindings(path: Path, targets: readonly string[], judge: JudgeTarget): Finding[] {
  return targets.flatMap((target, index) => {
    const own = [...path, index];
    if (target !== "" && targets.indexOf(target) < index)
      return [{ path: own, message: "is in the list twice", mend: "Keep one; a share is set by `weight`." }];
    return judge(own, target);
  });
}

function armFindings(path: Path, { experiment }: LooseRoute, judge: JudgeTarget): Finding[] {
  const arms = Object.entries(experiment?.arms ?? {});
  const own = [...path, "experiment", "arms"];
  const few: Finding[] =
    arms.length >= 2
      ? []
      : [
          {
            path: own,
            message: "must have at least two arms",
            mend: "Add another, or name its targets alone.",
          },
        ];
  return [...few, ...arms.flatMap(([name, arm]) => rankFindings([...own, name], arm, judge))];
}

/** An experiment's arms have the targets; a canary is itself one of two ways. */
function exclusiveFindings(path: Path, route: LooseRoute): Finding[] {
  if (route.experiment === undefined) return [];
  return (["targets", "tiers", "canary"] as const)
    .filter((name) => route[name] !== undefined)
    .map((name) => ({
      path: [...path, name],
      at: "name",
      message: "stands beside `experiment`, whose arms have the targets",
      mend: `Move it into an arm, or remove it.`,
    }));
}
